using MetaEol.Llama;
using MetaEol.Llama.Planning;

namespace MetaEol.Extensions.TorchSharp.Tests.Planning;

/// <summary>A backend that computes nothing: it keeps the passes that the planner makes.</summary>
internal sealed class PassRecorder : IEncodeBackend<PassRecorder.Entry>
{
    private readonly EncodePlanner<Entry> _planner;

    public PassRecorder() => _planner = new EncodePlanner<Entry>(this, new PromptEncoderMetadata(Dimensions: 1, LayerCount: 1, ContextTokens: 10_000, VocabularySize: 10_000));

    /// <summary>The last call's pass.</summary>
    public PlannedPass<Entry>? Last { get; private set; }

    /// <summary>Plans a call.</summary>
    public PlannedPass<Entry> Plan(IEnumerable<int[]> prompts)
    {
        ReadOnlyMemory<int>[] memory = [.. prompts.Select(prompt => new ReadOnlyMemory<int>(prompt))];
        _planner.Run(_planner.CreateCall(memory, [1], memory.Length), () => { });
        return Last!;
    }

    public long BytesOf(int tokens, int layers) => tokens;

    public Entry Create(int tokens, int layers) => new(tokens);

    public void Run(PlannedPass<Entry> pass) => Last = pass;

    internal sealed record Entry(int Tokens) : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
