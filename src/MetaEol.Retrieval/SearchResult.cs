namespace MetaEol.Retrieval;

/// <summary>A passage that a search found.</summary>
/// <param name="Passage">The passage.</param>
/// <param name="Score">
/// What it is ranked by, larger is better: the sum of its parts' contributions. Comparable among the results of one search: in <see cref="SearchMode.Dense"/> a cosine,
/// -1 to 1; in the other modes log odds in nats.
/// </param>
public sealed record SearchResult(Passage Passage, double Score)
{
    /// <summary>What the vectors say; null in <see cref="SearchMode.Words"/>.</summary>
    public PartScore? Dense { get; init; }

    /// <summary>What the words say; null in <see cref="SearchMode.Dense"/>, and where the passage holds none of the question's words.</summary>
    public PartScore? Words { get; init; }
}
