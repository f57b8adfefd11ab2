namespace MetaEol.Retrieval.Splitting;

/// <summary>The lines of a text, ended by LF, CR LF or CR.</summary>
internal static class Lines
{
    /// <summary>Where each line begins and ends, its line end left out.</summary>
    public static IEnumerable<(int Start, int End)> Of(string text)
    {
        int start = 0;
        while (true)
        {
            int length = text.AsSpan(start).IndexOfAny('\r', '\n');
            if (length < 0)
            {
                yield return (start, text.Length);
                yield break;
            }

            int end = start + length;
            yield return (start, end);
            start = text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? end + 2 : end + 1;
        }
    }

    /// <summary>Whether a part of a text holds nothing that can be seen.</summary>
    public static bool IsBlank(string text, int start, int end)
    {
        for (int i = start; i < end; i++)
        {
            if (!char.IsWhiteSpace(text[i]) && !char.IsControl(text[i]))
            {
                return false;
            }
        }

        return true;
    }
}
