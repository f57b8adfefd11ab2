namespace MetaEol.Llama;

/// <summary>The most probable next tokens after a hidden state, as <see cref="OutputHead.FindTop"/> finds them.</summary>
/// <param name="Ids">Token ids, the most probable first; of equal ones the smaller id first.</param>
/// <param name="Logits">The logit of each.</param>
/// <param name="LogPartition">Logarithm of the sum of e^logit over the whole vocabulary.</param>
public sealed record NextTokens(IReadOnlyList<int> Ids, IReadOnlyList<float> Logits, double LogPartition)
{
    /// <summary>The probability, in 0 .. 1, of a token of <see cref="Ids"/>: its softmax over the whole vocabulary.</summary>
    /// <param name="index">Index into <see cref="Ids"/>.</param>
    public double Probability(int index) => Math.Exp(Logits[index] - LogPartition);
}
