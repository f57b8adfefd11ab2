namespace MetaEol.Retrieval.Ranking;

/// <summary>A passage's vector as its generator gave it.</summary>
/// <param name="Id">The passage's id.</param>
/// <param name="Key">A number that the passage's text gives and that looks random.</param>
/// <param name="Vector">The vector.</param>
internal readonly record struct PassageVector(long Id, ulong Key, float[] Vector);
