using MetaEol.Llama.Configuration;
using MetaEol.Llama.Weights;
using Microsoft.Extensions.Logging;

namespace MetaEol.Llama.Encoding;

/// <summary>The encoder in managed code.</summary>
public sealed class CpuPromptEncoder : IPromptEncoder
{
    /// <summary>Creates an encoder over a model's weights; the model must outlive it and is not disposed by it.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="options">Options; null takes the defaults.</param>
    /// <param name="logger">Receives the plan of each call at Debug.</param>
    public CpuPromptEncoder(LlamaConfig config, LlamaWeights weights, CpuEncoderOptions? options = null, ILogger? logger = null)
    {
        Config = config;
    }

    /// <inheritdoc/>
    public LlamaConfig Config { get; }

    /// <inheritdoc/>
    public void Encode(IReadOnlyList<ReadOnlyMemory<int>> prompts, ReadOnlySpan<int> layers, Span<float> hiddenStates, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
