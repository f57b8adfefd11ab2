namespace MetaEol.Samples.HybridVectorStore;

/// <summary>A passage that was found, and what spoke for it: in nats, which can be added.</summary>
/// <param name="Passage">The passage.</param>
/// <param name="Words">What its words say; 0 where it holds none of the question's.</param>
/// <param name="Vectors">What its vector says.</param>
internal sealed record HybridResult(StoredPassage Passage, double Words, double Vectors);
