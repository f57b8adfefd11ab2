namespace MetaEol.Llama.Tokenization;

/// <summary>A part of a text: a match, or what lies between two.</summary>
/// <param name="Start">First index, in UTF-16 units.</param>
/// <param name="End">Index behind the last.</param>
/// <param name="IsMatch">Whether the pattern matched it.</param>
internal readonly record struct PatternMatch(int Start, int End, bool IsMatch);
