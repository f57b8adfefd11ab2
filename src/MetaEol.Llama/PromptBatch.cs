namespace MetaEol.Llama;

/// <summary>What one call of an encoder computes: prompts, the wanted indices into <c>hidden_states</c> of each, and token prepending where it is asked for.</summary>
public sealed class PromptBatch
{
    private readonly int[] _layers;
    private readonly int _count;

    // 0 where all prompts want the same.
    private readonly int _stride;

    /// <summary>Creates a batch whose prompts all want the same layers.</summary>
    /// <param name="prompts">Token ids of each prompt.</param>
    /// <param name="layers">The wanted indices into <c>hidden_states</c>, in any order.</param>
    /// <exception cref="ArgumentNullException"><paramref name="prompts"/> is null.</exception>
    public PromptBatch(IReadOnlyList<ReadOnlyMemory<int>> prompts, ReadOnlySpan<int> layers)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        Prompts = prompts;
        _count = prompts.Count;
        _layers = layers.ToArray();
        LayersPerPrompt = _layers.Length;
    }

    /// <summary>Creates a batch whose prompts want layers of their own, as many each.</summary>
    /// <param name="prompts">Token ids of each prompt.</param>
    /// <param name="layers">The wanted indices into <c>hidden_states</c>, <c>[prompts × layersPerPrompt]</c>, row-major.</param>
    /// <param name="layersPerPrompt">How many each prompt wants, 0 or more.</param>
    /// <exception cref="ArgumentNullException"><paramref name="prompts"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="layers"/> has another length.</exception>
    public PromptBatch(IReadOnlyList<ReadOnlyMemory<int>> prompts, ReadOnlySpan<int> layers, int layersPerPrompt)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentOutOfRangeException.ThrowIfNegative(layersPerPrompt);
        if (layers.Length != (long)prompts.Count * layersPerPrompt)
        {
            throw new ArgumentException($"layers has {layers.Length} entries; {prompts.Count} prompts × {layersPerPrompt} layers = {(long)prompts.Count * layersPerPrompt} are needed.", nameof(layers));
        }

        Prompts = prompts;
        _count = prompts.Count;
        _layers = layers.ToArray();
        LayersPerPrompt = _stride = layersPerPrompt;
    }

    /// <summary>Token ids of each prompt.</summary>
    public IReadOnlyList<ReadOnlyMemory<int>> Prompts { get; }

    /// <summary>How many layers each prompt wants.</summary>
    public int LayersPerPrompt { get; }

    /// <summary>Token prepending; null, the default, for none.</summary>
    public TokenPrepending? Prepending { get; init; }

    /// <summary>
    /// With <see cref="Prepending"/>, the position of each prompt's placeholder token, or -1 for a prompt that has none; one entry for each prompt. Without, it is not read.
    /// </summary>
    public IReadOnlyList<int> Placeholders { get; init; } = [];

    /// <summary>The different indices that any prompt wants, ascending.</summary>
    public int[] DistinctLayers => [.. _layers.Distinct().Order()];

    /// <summary>The wanted indices of one prompt, in the order in which its states come.</summary>
    /// <param name="prompt">Index of the prompt.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such prompt.</exception>
    public ReadOnlySpan<int> LayersOf(int prompt)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)prompt, (uint)_count, nameof(prompt));
        return _layers.AsSpan(prompt * _stride, LayersPerPrompt);
    }

    /// <summary>Has an encoder that knows only prompts which all want the same layers compute this batch, in one call.</summary>
    /// <exception cref="NotSupportedException">The batch asks for token prepending.</exception>
    internal void EncodeBy(IPromptEncoder encoder, Span<float> hiddenStates, CancellationToken cancellationToken)
    {
        if (Prepending is not null)
        {
            throw new NotSupportedException($"{encoder.GetType().Name} does not do token prepending: leave it off, or let the encoder implement {nameof(IPromptEncoder)}.{nameof(IPromptEncoder.Encode)}({nameof(PromptBatch)}).");
        }

        if (_stride == 0)
        {
            encoder.Encode(Prompts, _layers, hiddenStates, cancellationToken);
            return;
        }

        int[] distinct = DistinctLayers;
        int size = encoder.Metadata.Dimensions;
        long needed = (long)_layers.Length * size;
        if (hiddenStates.Length != needed)
        {
            throw new ArgumentException($"hiddenStates has {hiddenStates.Length} numbers; {needed} are needed.", nameof(hiddenStates));
        }

        float[] all = new float[checked(Prompts.Count * distinct.Length * size)];
        encoder.Encode(Prompts, distinct, all, cancellationToken);
        for (int i = 0; i < _layers.Length; i++)
        {
            int source = ((i / LayersPerPrompt) * distinct.Length) + Array.IndexOf(distinct, _layers[i]);
            all.AsSpan(source * size, size).CopyTo(hiddenStates[(i * size)..]);
        }
    }
}
