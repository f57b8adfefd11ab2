namespace MetaEol.Retrieval;

/// <summary>What one part of a ranking thinks of a passage.</summary>
/// <param name="Score">The part's own score: cosine for vectors, BM25 for words.</param>
/// <param name="Rank">The passage's place in the part's own ranking, from 1.</param>
/// <param name="Contribution">What the part adds to the passage's score.</param>
public sealed record PartScore(double Score, int Rank, double Contribution);
