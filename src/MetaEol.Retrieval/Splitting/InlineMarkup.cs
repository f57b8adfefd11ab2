using System.Buffers;
using System.Net;
using System.Text;

namespace MetaEol.Retrieval.Splitting;

/// <summary>
/// Takes Markdown's inline mark-up out of a text: of links and images the words stay, of emphasis and code spans what they hold, and HTML's entities become their
/// characters. One pass over the text, whatever stands in it.
/// </summary>
internal static class InlineMarkup
{
    // Longer addresses are read as text: so a text of nothing but opening brackets is not searched to its end for each.
    private const int MaxAddressLength = 2048, MaxEntityLength = 12;

    private static readonly SearchValues<char> Marks = SearchValues.Create(@"\*_`[]&");

    public static TextBlock Remove(TextBlock block)
    {
        string text = block.Text;
        if (!text.AsSpan().ContainsAny(Marks))
        {
            return block;
        }

        char[] letters = text.ToCharArray();
        bool[] dropped = new bool[text.Length];
        Stack<int> brackets = new();
        for (int i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\\' when i + 1 < text.Length && char.IsAsciiLetterOrDigit(text[i + 1]) is false && text[i + 1] is > ' ' and < (char)127:
                    dropped[i++] = true;
                    break;
                case '&' when text.AsSpan(i, Math.Min(MaxEntityLength, text.Length - i)).IndexOf(';') is > 0 and int semicolon
                    && WebUtility.HtmlDecode(text.Substring(i, semicolon + 1)) is [var decoded] && !char.IsControl(decoded) && !char.IsSurrogate(decoded):
                    letters[i] = char.IsWhiteSpace(decoded) ? ' ' : decoded;
                    dropped.AsSpan(i + 1, semicolon).Fill(true);
                    i += semicolon;
                    break;
                case '`':
                    dropped[i] = true;
                    break;
                case '*' or '_' when IsEmphasis(text, i):
                    dropped[i] = true;
                    break;
                case '[':
                    brackets.Push(i);
                    break;
                case ']' when brackets.TryPop(out int open) && AddressEnd(text, i + 1) is { } end:
                    dropped[open] = true;
                    if (open > 0 && text[open - 1] == '!')
                    {
                        dropped[open - 1] = true;
                    }

                    dropped.AsSpan(i..end).Fill(true);
                    i = end - 1;
                    break;
            }
        }

        return Without(block with { Text = new string(letters) }, dropped);
    }

    // A mark that has a letter on one side at least and is not inside a word, as in snake_case and 2*3.
    private static bool IsEmphasis(string text, int at)
    {
        int before = at - 1, after = at + 1;
        while (before >= 0 && at - before < 4 && text[before] == text[at])
        {
            before--;
        }

        while (after < text.Length && after - at < 4 && text[after] == text[at])
        {
            after++;
        }

        bool left = before >= 0 && text[before] != ' ', right = after < text.Length && text[after] != ' ';
        bool inWord = left && right && char.IsLetterOrDigit(text[before]) && char.IsLetterOrDigit(text[after]);
        return (left || right) && !inWord;
    }

    private static int? AddressEnd(string text, int open)
    {
        if (open >= text.Length || text[open] != '(')
        {
            return null;
        }

        int length = text.AsSpan(open, Math.Min(MaxAddressLength, text.Length - open)).IndexOf(')');
        return length < 0 ? null : open + length + 1;
    }

    private static TextBlock Without(TextBlock block, bool[] dropped)
    {
        StringBuilder text = new(block.Text.Length);
        List<int> origins = new(block.Text.Length), breaks = [];
        int next = 0;
        for (int i = 0; i < block.Text.Length; i++)
        {
            bool isBreak = next < block.Breaks.Count && block.Breaks[next] == i;
            if (isBreak)
            {
                breaks.Add(text.Length);
                next++;
            }

            // What is left out may have stood between two spaces.
            if (!dropped[i] && (block.Text[i] != ' ' || (text.Length > 0 && text[^1] != ' ')))
            {
                text.Append(block.Text[i]);
                origins.Add(block.Origins[i]);
            }
        }

        if (text.Length > 0 && text[^1] == ' ')
        {
            text.Length--;
            origins.RemoveAt(origins.Count - 1);
        }

        return block with { Text = text.ToString(), Origins = origins, Breaks = [.. breaks.Where(place => place > 0 && place < text.Length)] };
    }
}
