namespace MetaEol.Evaluation.Sweeps;

/// <summary>How well a selection of templates does.</summary>
/// <param name="Name">What the selection is, for people.</param>
/// <param name="Templates">The templates' names; one that counts several times stands there several times.</param>
/// <param name="Average">The mean of the tasks' Spearman × 100.</param>
/// <param name="TaskScores">The tasks' Spearman × 100, in the order of the tasks.</param>
public sealed record TemplateScore(string Name, IReadOnlyList<string> Templates, double Average, IReadOnlyList<double> TaskScores);
