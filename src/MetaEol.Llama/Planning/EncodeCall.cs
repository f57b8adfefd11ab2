namespace MetaEol.Llama.Planning;

/// <summary>One call of an encoder: copies of its prompts, sorted and merged, and the hidden states of their last tokens, as the passes give them.</summary>
public sealed class EncodeCall
{
    private readonly PromptBatch _batch;
    private readonly int _dimensions;

    /// <summary>For each wanted index the states of the sorted prompts, from the first pass on, and for which prompts they have come.</summary>
    private readonly float[]?[] _states;
    private readonly bool[]?[] _given;

    // For each sorted prompt the number of decoder layers that it runs through.
    private readonly int[] _stops;

    private EncodeCall(PromptBatch batch, SortedPrompts prompts, int[] layers, int[] stops, int dimensions)
    {
        _batch = batch;
        _dimensions = dimensions;
        _stops = stops;
        Prompts = prompts;
        Depth = layers.DefaultIfEmpty().Max();
        _states = new float[]?[Depth + 1];
        _given = new bool[]?[Depth + 1];
        foreach (int layer in layers)
        {
            _given[layer] = new bool[prompts.Count];
        }
    }

    /// <summary>Whether there is nothing to compute: no prompts, or no layers.</summary>
    public bool IsEmpty => Prompts.Count == 0 || _batch.LayersPerPrompt == 0;

    internal SortedPrompts Prompts { get; }

    /// <summary>Number of decoder layers to run: the highest wanted index into <c>hidden_states</c>.</summary>
    internal int Depth { get; }

    internal TokenPrepending? Prepending => _batch.Prepending;

    /// <summary>For each sorted prompt the number of decoder layers that it runs through.</summary>
    internal ReadOnlySpan<int> Stops => _stops;

    /// <summary>Writes the states of all prompts, in the order in which they and their layers were given.</summary>
    /// <param name="hiddenStates"><c>[prompts × layers of a prompt × hidden]</c>, row-major float32.</param>
    /// <exception cref="InvalidOperationException">The encoder has not given the states of a prompt.</exception>
    public void CopyTo(Span<float> hiddenStates)
    {
        for (int i = 0; i < Prompts.IndexOfPrompt.Length; i++)
        {
            int prompt = Prompts.IndexOfPrompt[i];
            foreach (int layer in _batch.LayersOf(i))
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
    internal static EncodeCall Create(PromptEncoderMetadata encoder, EncodePlannerOptions options, PromptBatch batch, int stateCount)
    {
        ArgumentNullException.ThrowIfNull(batch);
        int[] layers = batch.DistinctLayers;
        foreach (int layer in layers)
        {
            if (layer < 0 || layer > encoder.LayerCount)
            {
                throw new ArgumentException($"Layer {layer} is not an index into this model's hidden_states; 0 .. {encoder.LayerCount} are.", nameof(layers));
            }
        }

        int count = batch.Prompts.Count;
        long wanted = (long)count * batch.LayersPerPrompt * encoder.Dimensions;
        if (stateCount != wanted)
        {
            throw new ArgumentException(
                $"hiddenStates has {stateCount} numbers; {count} prompts × {batch.LayersPerPrompt} layers × {encoder.Dimensions} = {wanted} are needed.", "hiddenStates");
        }

        var copies = new ReadOnlyMemory<int>[count];
        for (int i = 0; i < copies.Length; i++)
        {
            int[] tokens = batch.Prompts[i].ToArray();
            copies[i] = tokens;
            foreach (int token in tokens)
            {
                if ((uint)token >= (uint)encoder.VocabularySize)
                {
                    throw new ArgumentException($"Prompt {i} has token id {token}; this model's vocabulary has ids 0 .. {encoder.VocabularySize - 1}.", "prompts");
                }
            }
        }

        var sorted = SortedPrompts.Create(copies, options.SharePrefixes, options.RotaryKey, Placeholders(encoder, batch));
        return new EncodeCall(batch, sorted, layers, FindStops(batch, sorted, layers, options.StopsEarly), encoder.Dimensions);
    }

    internal bool IsWanted(int index) => _given[index] is not null;

    /// <summary>Takes over the states of some sorted prompts at an index.</summary>
    internal void Store(int index, ReadOnlySpan<int> prompts, ReadOnlySpan<float> states)
    {
        if ((uint)index > (uint)Depth || _given[index] is not { } given)
        {
            throw new ArgumentException($"The hidden states at index {index} are not wanted.", nameof(index));
        }

        if (states.Length != (long)prompts.Length * _dimensions)
        {
            throw new ArgumentException($"{states.Length} numbers are not {prompts.Length} prompts × {_dimensions}.", nameof(states));
        }

        float[] all = _states[index] ??= new float[(long)Prompts.Count * _dimensions];
        for (int i = 0; i < prompts.Length; i++)
        {
            states.Slice(i * _dimensions, _dimensions).CopyTo(all.AsSpan(prompts[i] * _dimensions));
            given[prompts[i]] = true;
        }
    }

    // The positions of the prompts' placeholders; null where there are none.
    private static int[]? Placeholders(PromptEncoderMetadata encoder, PromptBatch batch)
    {
        if (batch.Prepending is not { } prepending)
        {
            return null;
        }

        prepending.Check(encoder);
        if (batch.Placeholders.Count != batch.Prompts.Count)
        {
            throw new ArgumentException($"Token prepending has {batch.Placeholders.Count} placeholders for {batch.Prompts.Count} prompts: one entry for each is needed, -1 for none.", nameof(PromptBatch.Placeholders));
        }

        for (int i = 0; i < batch.Placeholders.Count; i++)
        {
            if (batch.Placeholders[i] < -1 || batch.Placeholders[i] >= batch.Prompts[i].Length)
            {
                throw new ArgumentException($"The placeholder of prompt {i} is at {batch.Placeholders[i]}: its positions are 0 .. {batch.Prompts[i].Length - 1}, and -1 is none.", nameof(PromptBatch.Placeholders));
            }
        }

        return [.. batch.Placeholders];
    }

    private static int[] FindStops(PromptBatch batch, SortedPrompts sorted, int[] layers, bool stopsEarly)
    {
        int[] stops = new int[sorted.Count];
        if (!stopsEarly || batch.LayersPerPrompt == 0)
        {
            stops.AsSpan().Fill(layers.DefaultIfEmpty().Max());
            return stops;
        }

        // A pass without layers is none: where others run, embeddings are taken on the way.
        int least = layers.FirstOrDefault(layer => layer > 0);
        for (int i = 0; i < sorted.IndexOfPrompt.Length; i++)
        {
            ref int stop = ref stops[sorted.IndexOfPrompt[i]];
            foreach (int layer in batch.LayersOf(i))
            {
                stop = Math.Max(stop, Math.Max(layer, least));
            }
        }

        return stops;
    }
}
