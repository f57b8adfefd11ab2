namespace MetaEol.Evaluation.Sts;

/// <summary>Score of one subset of an STS task.</summary>
/// <param name="Name">The subset's name.</param>
/// <param name="PairCount">Number of pairs scored.</param>
/// <param name="Spearman">Spearman × 100, -100 to 100.</param>
public sealed record StsSubsetScore(string Name, int PairCount, double Spearman);
