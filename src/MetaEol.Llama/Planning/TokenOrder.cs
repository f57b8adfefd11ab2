namespace MetaEol.Llama.Planning;

/// <summary>Lexicographic order of token sequences and their common beginnings.</summary>
internal static class TokenOrder
{
    public static int Compare(ReadOnlySpan<int> left, ReadOnlySpan<int> right) => left.SequenceCompareTo(right);

    /// <summary>Number of tokens that both begin with.</summary>
    public static int CommonPrefix(ReadOnlySpan<int> left, ReadOnlySpan<int> right) => left.CommonPrefixLength(right);
}
