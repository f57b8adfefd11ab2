namespace MetaEol.Retrieval;

/// <summary>A passage of an index and those that are most like it.</summary>
/// <param name="Passage">The passage.</param>
/// <param name="Others">The others, the most similar first.</param>
public sealed record SimilarPassages(Passage Passage, IReadOnlyList<SearchResult> Others);
