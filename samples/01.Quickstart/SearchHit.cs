namespace MetaEol.Samples.Quickstart;

/// <summary>A passage found for a question.</summary>
/// <param name="Passage">The passage.</param>
/// <param name="Score">Cosine of the angle between the passage's and the question's vectors, -1 to 1; higher is closer.</param>
internal sealed record SearchHit(Passage Passage, float Score);
