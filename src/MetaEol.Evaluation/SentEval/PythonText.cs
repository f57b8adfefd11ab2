using System.Buffers;

namespace MetaEol.Evaluation.SentEval;

/// <summary>Python's rules for lines and words, which decide where SentEval's samples begin and end.</summary>
internal static class PythonText
{
    /// <summary>The whitespace of <c>str.split()</c> that <see cref="char.IsWhiteSpace(char)"/> does not know.</summary>
    private const string SeparatorControls = "\u001c\u001d\u001e\u001f";

    private static readonly SearchValues<char> LineBoundaries = SearchValues.Create("\n\r\v\f\u001c\u001d\u001e\u0085\u2028\u2029");

    /// <summary><c>text.split()</c>.</summary>
    public static List<string> Words(ReadOnlySpan<char> text)
    {
        List<string> words = [];
        int start = -1;
        for (int i = 0; i <= text.Length; i++)
        {
            bool space = i == text.Length || IsSpace(text[i]);
            if (space && start >= 0)
            {
                words.Add(text[start..i].ToString());
                start = -1;
            }
            else if (!space && start < 0)
            {
                start = i;
            }
        }

        return words;
    }

    /// <summary><c>text.strip()</c>.</summary>
    public static string Strip(string text)
    {
        int start = 0, end = text.Length;
        while (start < end && IsSpace(text[start]))
        {
            start++;
        }

        while (end > start && IsSpace(text[end - 1]))
        {
            end--;
        }

        return text[start..end];
    }

    /// <summary><c>text.splitlines()</c>: more characters than line feeds end a line, and a final line end opens no further line.</summary>
    public static List<string> SplitLines(string text)
    {
        List<string> lines = [];
        ReadOnlySpan<char> rest = text;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOfAny(LineBoundaries);
            if (end < 0)
            {
                lines.Add(rest.ToString());
                break;
            }

            lines.Add(rest[..end].ToString());
            bool pair = rest[end] == '\r' && end + 1 < rest.Length && rest[end + 1] == '\n';
            rest = rest[(end + (pair ? 2 : 1))..];
        }

        return lines;
    }

    private static bool IsSpace(char c) => char.IsWhiteSpace(c) || SeparatorControls.Contains(c, StringComparison.Ordinal);
}
