namespace MetaEol.Llama.Kernels;

/// <summary>Keys and values of one segment of the prefix tree, and the rows that see them.</summary>
/// <param name="Keys">First key, <c>[tokens × kv width]</c>.</param>
/// <param name="Values">First value, likewise.</param>
/// <param name="Length">Number of tokens.</param>
/// <param name="Position">Position of the first token.</param>
/// <param name="FirstRow">First row that sees any of them; for computed segments also the row of the first token.</param>
/// <param name="EndRow">One past the last row that sees them.</param>
/// <param name="OwnRows">Rows FirstRow .. FirstRow + OwnRows - 1 are the tokens themselves: each sees the keys up to its own. 0 for cached segments.</param>
/// <param name="Parent">Index of the segment before, or -1.</param>
internal readonly unsafe record struct KeyRange(nint Keys, nint Values, int Length, int Position, int FirstRow, int EndRow, int OwnRows, int Parent);
