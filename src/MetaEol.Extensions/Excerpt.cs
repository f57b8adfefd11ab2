using System.Globalization;
using System.Text;

namespace MetaEol.Extensions;

/// <summary>Puts what comes from outside into a message: names and values may be megabytes long, or hold what a terminal obeys.</summary>
internal static class Excerpt
{
    private const int Longest = 200;

    /// <summary>The text in quotes, its middle left out where it is long, control and format characters escaped.</summary>
    public static string Of(string text)
    {
        var excerpt = new StringBuilder("'");
        Append(excerpt, text.Length <= Longest ? text : text[..(Longest / 2)]);
        if (text.Length > Longest)
        {
            Append(excerpt.Append(" … "), text[^(Longest / 2)..]);
        }

        return excerpt.Append('\'').ToString();
    }

    private static void Append(StringBuilder excerpt, string text)
    {
        foreach (char c in text)
        {
            bool isObeyed = char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            _ = c == '\0' ? excerpt.Append("\\0")
                : isObeyed ? excerpt.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}")
                : excerpt.Append(c);
        }
    }
}
