using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Encoders;

/// <summary>What every <see cref="IPromptEncoder"/> checks after it has computed.</summary>
public static class EncodeChecks
{
    /// <summary>Checks that hidden states are numbers, and that none is the zero vector.</summary>
    /// <param name="weights">The weights they were computed with.</param>
    /// <param name="hiddenStates">The states, <c>[states × hidden]</c>.</param>
    /// <exception cref="InvalidModelException">One is not finite, and the message names the weight that is not, if one is not; or one is zero in all dimensions.</exception>
    /// <exception cref="ObjectDisposedException">One is not finite, and the weights are disposed.</exception>
    public static void CheckStates(LlamaWeights weights, ReadOnlySpan<float> hiddenStates)
    {
        ArgumentNullException.ThrowIfNull(weights);
        int index = FindFault(hiddenStates, weights.TokenEmbedding.Columns);
        if (index < 0)
        {
            return;
        }

        if (hiddenStates[index] == 0)
        {
            throw new InvalidModelException(
                $"The model gives the zero vector as hidden state {index / weights.TokenEmbedding.Columns} of a call, which says nothing of the prompt: its weights are zero, or its arithmetic leaves the range of float32.");
        }

        using IDisposable lease = weights.Lease();
        NonFiniteWeight? weight = weights.FindNonFinite();
        throw new InvalidModelException(weight is null
            ? $"The model gives {hiddenStates[index]} in a hidden state: its weights are finite, but its activations exceed the range of float32."
            : $"The model gives {hiddenStates[index]} in a hidden state, because tensor '{weight.Tensor}' of '{weight.File}' holds {weight.Value} at row {weight.Row}, column {weight.Column}; weights must be finite.");
    }

    /// <summary>The index of the first number that is not finite, or of the first number of the first state that is zero in all dimensions; -1 if there is neither.</summary>
    /// <param name="hiddenStates">States, <c>[states × hidden]</c>.</param>
    /// <param name="hiddenSize">Width of a state.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="hiddenSize"/> is not above 0.</exception>
    public static int FindFault(ReadOnlySpan<float> hiddenStates, int hiddenSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(hiddenSize);
        for (int start = 0; start < hiddenStates.Length; start += hiddenSize)
        {
            ReadOnlySpan<float> state = hiddenStates.Slice(start, Math.Min(hiddenSize, hiddenStates.Length - start));
            bool isZero = true;
            for (int i = 0; i < state.Length; i++)
            {
                if (!float.IsFinite(state[i]))
                {
                    return start + i;
                }

                isZero &= state[i] == 0;
            }

            if (isZero)
            {
                return start;
            }
        }

        return -1;
    }
}
