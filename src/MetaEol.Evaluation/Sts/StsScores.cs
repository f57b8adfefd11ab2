namespace MetaEol.Evaluation.Sts;

/// <summary>Scores of one STS task.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="PairCount">Number of pairs scored.</param>
/// <param name="Spearman">Spearman × 100 over the pairs of all subsets together (SentEval's "all" setting), -100 to 100.</param>
/// <param name="SubsetMean">The mean of the subsets' Spearman × 100 (SentEval's "mean").</param>
/// <param name="SubsetWeightedMean">Their mean weighted by number of pairs (SentEval's "wmean").</param>
/// <param name="Subsets">The subsets' own scores.</param>
public sealed record StsScores(string Task, int PairCount, double Spearman, double SubsetMean, double SubsetWeightedMean, IReadOnlyList<StsSubsetScore> Subsets);
