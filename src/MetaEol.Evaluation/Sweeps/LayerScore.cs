using MetaEol.Evaluation.Sts;

namespace MetaEol.Evaluation.Sweeps;

/// <summary>How well one layer's hidden states do.</summary>
/// <param name="Layer">The index into <c>hidden_states</c>: 0 = token embeddings, the last = after the final norm.</param>
/// <param name="Average">
/// The mean of the tasks' Spearman × 100. NaN where it is not defined: at index 0 the last token's embedding is the same for every text, if all templates end in the
/// same token.
/// </param>
/// <param name="Tasks">The tasks' scores.</param>
public sealed record LayerScore(int Layer, double Average, IReadOnlyList<StsScores> Tasks);
