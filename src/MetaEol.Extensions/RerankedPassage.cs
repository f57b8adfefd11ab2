namespace MetaEol.Extensions;

/// <summary>A passage and how well it explains a question.</summary>
/// <param name="Index">The passage's index in the request.</param>
/// <param name="Score">The mean log-likelihood of the question's tokens behind the passage: natural logarithm, at most 0, the higher the better. Comparable between passages for one question.</param>
public readonly record struct RerankedPassage(int Index, double Score);
