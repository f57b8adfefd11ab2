using System.Globalization;
using System.Text;

namespace MetaEol.Cli.Display;

/// <summary>
/// Makes text from outside (model files, a hub's and a chat model's answers, passages, names) safe to print: what would steer the terminal or turn the order of
/// letters around becomes visible. All that the tool prints passes here.
/// </summary>
internal static class Printable
{
    /// <summary>Longest message in characters; what is beyond is cut, and the cut is told.</summary>
    public const int LongestMessage = 2000;

    private const char Replacement = '\uFFFD';

    /// <summary>A text on one line, cut to a length.</summary>
    public static string Line(string? text, int longest = LongestMessage)
    {
        string line = Text(text, longest);
        return line.Contains('\n', StringComparison.Ordinal) ? string.Join(' ', line.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)) : line;
    }

    /// <summary>A text that may have several lines (<c>\n</c>), cut to a length.</summary>
    public static string Text(string? text, int longest = int.MaxValue)
    {
        if (text is null)
        {
            return string.Empty;
        }

        string kept = text.Length <= longest ? text : text[..(char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)];
        string safe = NeedsWork(kept) ? Replace(kept) : kept;
        return kept.Length == text.Length ? safe : string.Create(CultureInfo.InvariantCulture, $"{safe} … ({text.Length - kept.Length:N0} more characters)");
    }

    /// <summary>Whether a character must not reach a terminal: a control character, one that overrides the direction of text, half of a surrogate pair, or no character at all (U+FFFF and its like), for which tables have no width.</summary>
    public static bool IsUnsafe(Rune character) => character.Value is < 0x20 or (>= 0x7F and <= 0x9F) || IsDirection(character.Value) || (character.Value & 0xFFFE) == 0xFFFE;

    /// <summary>The marks, embeddings, overrides and isolates of bidirectional text, and the two separators that end a line.</summary>
    public static bool IsDirection(int character) => character is 0x061C or 0x200E or 0x200F or (>= 0x2028 and <= 0x202E) or (>= 0x2066 and <= 0x2069);

    private static bool NeedsWork(string text)
    {
        foreach (char character in text)
        {
            if (character is < ' ' or (>= '\u007F' and <= '\u009F') || char.IsSurrogate(character) || IsDirection(character) || character >= '\uFFFE')
            {
                return true;
            }
        }

        return false;
    }

    private static string Replace(string text)
    {
        StringBuilder safe = new(text.Length);

        // A lone surrogate comes out of the enumeration as U+FFFD.
        foreach (Rune rune in text.ReplaceLineEndings("\n").EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '\n' => safe.Append('\n'),
                '\t' => safe.Append(' '),
                < 0x20 => safe.Append((char)(0x2400 + rune.Value)),
                0x7F => safe.Append('\u2421'),
                _ when IsUnsafe(rune) => safe.Append(Replacement),
                _ => safe.Append(rune),
            };
        }

        return safe.ToString();
    }
}
