namespace MetaEol.Llama.Planning;

/// <summary>A run of tokens of the prefix tree without a branch. Rows of a segment, and of all segments below it, lie behind one another.</summary>
/// <param name="Parent">Index of the segment that these tokens follow, or -1.</param>
/// <param name="Position">Position of the first token in its prompts.</param>
/// <param name="Length">Number of tokens, at least 1.</param>
/// <param name="FirstRow">Row of the first token; a cached segment has no rows of its own, and its subtree begins here.</param>
/// <param name="EndRow">One past the last row of the subtree: exactly the rows FirstRow .. EndRow - 1 follow tokens of this segment (or are them).</param>
/// <param name="CacheEntry">Index into the pass's cached entries of the one whose beginning holds the keys and values, or -1 if the tokens are computed.</param>
/// <param name="RotaryKey">Prompts of different keys have different rotary frequencies and share nothing.</param>
public readonly record struct Segment(int Parent, int Position, int Length, int FirstRow, int EndRow, int CacheEntry, int RotaryKey)
{
    /// <summary>Whether the keys and values come from the prefix cache.</summary>
    public bool IsCached => CacheEntry >= 0;
}
