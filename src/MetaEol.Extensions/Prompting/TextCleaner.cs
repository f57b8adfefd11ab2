namespace MetaEol.Extensions.Prompting;

/// <summary>Cleans a text as the MetaEOL reference does, so that it stands between a template's quotes as a sentence.</summary>
internal static class TextCleaner
{
    /// <summary>
    /// In this order: appends <c>.</c> if the last character is none of <c>. ? " '</c>; replaces every <c>"</c> by <c>'</c>; if the last character is then
    /// <c>?</c>, replaces it by <c>.</c>. An empty text stays empty; nothing is trimmed.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    public static string Clean(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0)
        {
            return text;
        }

        string cleaned = text[^1] is '.' or '?' or '"' or '\'' ? text : text + ".";
        cleaned = cleaned.Replace('"', '\'');
        return cleaned[^1] == '?' ? string.Concat(cleaned.AsSpan(0, cleaned.Length - 1), ".") : cleaned;
    }
}
