using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Encoding;

/// <summary>What every <see cref="IPromptEncoder"/> checks before and after it computes.</summary>
public static class EncodeChecks
{
    /// <summary>Checks the arguments of <see cref="IPromptEncoder.Encode"/>.</summary>
    /// <param name="encoder">What the encoder says about itself.</param>
    /// <param name="prompts">Token ids of each prompt.</param>
    /// <param name="layers">Indices into <c>hidden_states</c>.</param>
    /// <param name="stateCount">Number of floats that the caller has room for.</param>
    /// <exception cref="ArgumentException">A prompt is empty, an id or layer is out of range, or <paramref name="stateCount"/> is not prompts × layers × hidden.</exception>
    public static void CheckArguments(PromptEncoderMetadata encoder, IReadOnlyList<ReadOnlyMemory<int>> prompts, ReadOnlySpan<int> layers, int stateCount)
    {
        ArgumentNullException.ThrowIfNull(encoder);
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

        for (int i = 0; i < prompts.Count; i++)
        {
            ReadOnlySpan<int> prompt = prompts[i].Span;
            if (prompt.IsEmpty)
            {
                throw new ArgumentException($"Prompt {i} has no tokens; every prompt needs at least one.", nameof(prompts));
            }

            foreach (int token in prompt)
            {
                if ((uint)token >= (uint)encoder.VocabularySize)
                {
                    throw new ArgumentException($"Prompt {i} has token id {token}; this model's vocabulary has ids 0 .. {encoder.VocabularySize - 1}.", nameof(prompts));
                }
            }
        }
    }

    /// <summary>Checks that hidden states are numbers.</summary>
    /// <param name="weights">The weights they were computed with.</param>
    /// <param name="hiddenStates">The states.</param>
    /// <exception cref="InvalidModelException">One is not finite; the message names the weight that is not, if one is not.</exception>
    /// <exception cref="ObjectDisposedException">One is not finite, and the weights are disposed.</exception>
    public static void CheckStates(LlamaWeights weights, ReadOnlySpan<float> hiddenStates)
    {
        ArgumentNullException.ThrowIfNull(weights);
        int index = 0;
        while (index < hiddenStates.Length && float.IsFinite(hiddenStates[index]))
        {
            index++;
        }

        if (index == hiddenStates.Length)
        {
            return;
        }

        using IDisposable lease = weights.Lease();
        NonFiniteWeight? weight = weights.FindNonFinite();
        throw new InvalidModelException(weight is null
            ? $"The model gives {hiddenStates[index]} in a hidden state: its weights are finite, but its activations exceed the range of float32."
            : $"The model gives {hiddenStates[index]} in a hidden state, because tensor '{weight.Tensor}' of '{weight.File}' holds {weight.Value} at row {weight.Row}, column {weight.Column}; weights must be finite.");
    }
}
