namespace MetaEol.Retrieval;

/// <summary>A passage that a search found.</summary>
/// <param name="Passage">The passage.</param>
/// <param name="Score">
/// What it is ranked by, larger is better: the sum of its parts' contributions. Comparable among the results of one search: in <see cref="SearchMode.Dense"/> a cosine,
/// -1 to 1; in <see cref="SearchMode.Sparse"/> a dot product; in the other modes log odds in nats. With <see cref="SearchOptions.Rerank"/>, the first results stand in the order of their <see cref="Likelihood"/> instead.
/// </param>
public sealed record SearchResult(Passage Passage, double Score)
{
    /// <summary>What the vectors say; null in <see cref="SearchMode.Words"/>.</summary>
    public PartScore? Dense { get; init; }

    /// <summary>What the words say; null in <see cref="SearchMode.Dense"/>, and where the passage holds none of the question's words.</summary>
    public PartScore? Words { get; init; }

    /// <summary>What the sparse vectors say; null where they are not looked at, and where passage and question have no token in common.</summary>
    public PartScore? Sparse { get; init; }

    /// <summary>The mean log-likelihood of the question's tokens behind the passage, in nats, at most 0; null where the passage was not ranked anew.</summary>
    public double? Likelihood { get; init; }
}
