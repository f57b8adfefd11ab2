namespace MetaEol.Llama.Planning;

/// <summary>Tokens of a prefix: the first <paramref name="Length"/> of a segment, at the segment's position.</summary>
/// <param name="Segment">Index of the segment; its tokens are computed in this pass or cached.</param>
/// <param name="Length">Number of tokens, at least 1.</param>
public readonly record struct PrefixRun(int Segment, int Length);
