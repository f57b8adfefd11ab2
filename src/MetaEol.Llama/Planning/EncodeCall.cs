namespace MetaEol.Llama.Planning;

/// <summary>One call of an encoder: copies of its prompts, sorted and merged, and the hidden states of their last tokens, as the passes give them.</summary>
public sealed class EncodeCall
{
    private readonly int _dimensions;
    private readonly int[] _layers;

    /// <summary>For each wanted index the states of the sorted prompts, from the first pass on, and for which prompts they have come.</summary>
    private readonly float[]?[] _states;
    private readonly bool[]?[] _given;

    private EncodeCall(SortedPrompts prompts, int[] layers, int dimensions)
    {
        Prompts = prompts;
        _layers = layers;
        _dimensions = dimensions;
        Depth = layers.DefaultIfEmpty().Max();
        _states = new float[]?[Depth + 1];
        _given = new bool[]?[Depth + 1];
        foreach (int layer in layers)
        {
            _given[layer] ??= new bool[prompts.Count];
        }
    }

    /// <summary>Whether there is nothing to compute: no prompts, or no layers.</summary>
    public bool IsEmpty => Prompts.Count == 0 || _layers.Length == 0;

    internal SortedPrompts Prompts { get; }

    /// <summary>Number of decoder layers to run: the highest wanted index into <c>hidden_states</c>.</summary>
    internal int Depth { get; }

    /// <summary>Writes the states of all prompts, in the order in which they and the layers were given.</summary>
    /// <param name="hiddenStates"><c>[prompts × layers × hidden]</c>, row-major float32.</param>
    /// <exception cref="InvalidOperationException">The encoder has not given the states of a prompt.</exception>
    public void CopyTo(Span<float> hiddenStates)
    {
        for (int i = 0; i < Prompts.IndexOfPrompt.Length; i++)
        {
            int prompt = Prompts.IndexOfPrompt[i];
            foreach (int layer in _layers)
            {
                if (!_given[layer]![prompt])
                {
                    throw new InvalidOperationException($"The encoder has given no hidden state at index {layer} for prompt {i}.");
                }

                _states[layer].AsSpan(prompt * _dimensions, _dimensions).CopyTo(hiddenStates);
                hiddenStates = hiddenStates[_dimensions..];
            }
        }
    }

    /// <summary>Checks a call's arguments, for every encoder, and sorts copies of its prompts.</summary>
    internal static EncodeCall Create(
        PromptEncoderMetadata encoder, EncodePlannerOptions options, IReadOnlyList<ReadOnlyMemory<int>> prompts, ReadOnlySpan<int> layers, int stateCount)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        foreach (int layer in layers)
        {
            if (layer < 0 || layer > encoder.LayerCount)
            {
                throw new ArgumentException($"Layer {layer} is not an index into this model's hidden_states; 0 .. {encoder.LayerCount} are.", nameof(layers));
            }
        }

        long wanted = (long)prompts.Count * layers.Length * encoder.Dimensions;
        if (stateCount != wanted)
        {
            throw new ArgumentException(
                $"hiddenStates has {stateCount} numbers; {prompts.Count} prompts × {layers.Length} layers × {encoder.Dimensions} = {wanted} are needed.", "hiddenStates");
        }

        var copies = new ReadOnlyMemory<int>[prompts.Count];
        for (int i = 0; i < copies.Length; i++)
        {
            int[] tokens = prompts[i].ToArray();
            copies[i] = tokens;
            foreach (int token in tokens)
            {
                if ((uint)token >= (uint)encoder.VocabularySize)
                {
                    throw new ArgumentException($"Prompt {i} has token id {token}; this model's vocabulary has ids 0 .. {encoder.VocabularySize - 1}.", nameof(prompts));
                }
            }
        }

        return new EncodeCall(SortedPrompts.Create(copies, options.SharePrefixes, options.RotaryKey), layers.ToArray(), encoder.Dimensions);
    }

    internal bool IsWanted(int index) => _given[index] is not null;

    internal void Store(int index, int first, int count, ReadOnlySpan<float> states)
    {
        if ((uint)index > (uint)Depth || _given[index] is not { } given)
        {
            throw new ArgumentException($"The hidden states at index {index} are not wanted.", nameof(index));
        }

        if (states.Length != (long)count * _dimensions)
        {
            throw new ArgumentException($"{states.Length} numbers are not {count} prompts × {_dimensions}.", nameof(states));
        }

        float[] all = _states[index] ??= new float[(long)Prompts.Count * _dimensions];
        states.CopyTo(all.AsSpan(first * _dimensions));
        given.AsSpan(first, count).Fill(true);
    }
}
