using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Encoders;

/// <summary>What every <see cref="IPromptEncoder"/> checks after it has computed.</summary>
public static class EncodeChecks
{
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
