namespace MetaEol.Llama.Tokenization;

/// <summary>Where a long text may be cut into words.</summary>
internal static class WordEnds
{
    /// <summary>The index of the first mark that stands behind something else, or -1 if there is none: a run of marks belongs to the word behind it.</summary>
    public static int Find<T>(ReadOnlySpan<T> text, ReadOnlySpan<T> mark)
        where T : IEquatable<T>
    {
        int start = 0;
        while (text[start..].StartsWith(mark))
        {
            start += mark.Length;
        }

        int next = text[start..].IndexOf(mark);
        return next < 0 ? -1 : start + next;
    }
}
