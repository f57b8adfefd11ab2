using System.Collections.Concurrent;
using MetaEol.Llama;

namespace MetaEol.Extensions.Tests.TestSupport;

/// <summary>An encoder whose hidden states are a function of the token ids and the layer, and that records how it is used.</summary>
internal sealed class FakeEncoder : IPromptEncoder
{
    private readonly ConcurrentQueue<EncoderCall> _calls = new();
    private int _active;
    private int _disposals;

    public FakeEncoder(int hiddenSize = 8, int layers = 4, int context = 4096, int vocabulary = 1000, int concurrentCalls = 1) =>
        Metadata = NewMetadata(hiddenSize, layers, context) with { VocabularySize = vocabulary, ConcurrentCalls = concurrentCalls };

    public PromptEncoderMetadata Metadata { get; }

    public string Fingerprint { get; init; } = "fake";

    public EncoderHealth Health { get; init; } = EncoderHealth.Good;

    /// <summary>Runs in every call, before anything is computed.</summary>
    public Action<EncoderCall, CancellationToken>? OnEncode { get; set; }

    /// <summary>Replaces hidden states after they are computed.</summary>
    public Action<float[]>? OnStates { get; set; }

    public IReadOnlyList<EncoderCall> Calls => [.. _calls];

    public int Disposals => _disposals;

    public bool WasDisposedWhileEncoding { get; private set; }

    public bool WasUsedByTwoThreads { get; private set; }

    public static PromptEncoderMetadata NewMetadata(int hiddenSize, int layers, int context) => new(hiddenSize, layers, context, VocabularySize: 1000);

    /// <summary>The hidden state that this encoder gives for a prompt.</summary>
    public static float[] State(ReadOnlySpan<int> prompt, int layer, int hiddenSize)
    {
        float[] state = new float[hiddenSize];
        for (int i = 0; i < prompt.Length; i++)
        {
            for (int d = 0; d < hiddenSize; d++)
            {
                state[d] += MathF.Sin(((prompt[i] + 1) * (d + 1)) + (0.37f * i) + layer);
            }
        }

        return state;
    }

    public void Encode(IReadOnlyList<ReadOnlyMemory<int>> prompts, ReadOnlySpan<int> layers, Span<float> hiddenStates, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposals > 0, this);
        WasUsedByTwoThreads |= Interlocked.Increment(ref _active) > 1;
        try
        {
            var call = new EncoderCall([.. prompts], layers.ToArray());
            _calls.Enqueue(call);
            OnEncode?.Invoke(call, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            int hidden = Metadata.Dimensions;
            Assert.Equal(prompts.Count * layers.Length * hidden, hiddenStates.Length);
            for (int p = 0; p < prompts.Count; p++)
            {
                for (int l = 0; l < layers.Length; l++)
                {
                    float[] state = State(prompts[p].Span, layers[l], hidden);
                    OnStates?.Invoke(state);
                    state.CopyTo(hiddenStates.Slice(((p * layers.Length) + l) * hidden, hidden));
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref _active);
        }
    }

    public void Dispose()
    {
        WasDisposedWhileEncoding |= Volatile.Read(ref _active) > 0;
        Interlocked.Increment(ref _disposals);
    }
}
