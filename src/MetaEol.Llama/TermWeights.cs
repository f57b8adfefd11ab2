namespace MetaEol.Llama;

/// <summary>What a sparse vector makes of logits.</summary>
internal static class TermWeights
{
    /// <summary>The mean over states of log(1 + max(logit, 0)).</summary>
    /// <param name="logits"><c>[states × tokens]</c>.</param>
    /// <param name="shares">Each state's share in the mean.</param>
    /// <param name="mean">Receives the mean for the first tokens, as many as it is long; it may lie over the first state's logits.</param>
    public static void Average(ReadOnlySpan<float> logits, ReadOnlySpan<float> shares, Span<float> mean)
    {
        int width = logits.Length / shares.Length;
        for (int token = 0; token < mean.Length; token++)
        {
            float sum = 0;
            for (int state = 0; state < shares.Length; state++)
            {
                float logit = logits[(state * width) + token];
                sum += logit > 0 ? shares[state] * MathF.Log(1 + logit) : 0;
            }

            mean[token] = sum;
        }
    }
}
