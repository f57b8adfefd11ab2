using System.Buffers;
using System.Globalization;
using System.Text;

namespace MetaEol.Retrieval.Splitting;

/// <summary>
/// Finds where sentences end: at a full stop, question or exclamation mark and the quotes and brackets that close after it, before a space and something that can
/// begin a sentence (so not in "e.g. this"); or at the full-width marks, which no space follows.
/// </summary>
internal static class SentenceEnds
{
    private static readonly SearchValues<char> Marks = SearchValues.Create(".!?…。！？");
    private static readonly SearchValues<char> Closing = SearchValues.Create("\"'”’»)]」』）");
    private static readonly SearchValues<char> Opening = SearchValues.Create("\"'“‘«([¿¡");

    /// <summary>The ends of the sentences before the last, in ascending order: each is the index behind a sentence, where white space may stand.</summary>
    /// <param name="text">A text on one line.</param>
    public static IEnumerable<int> Find(string text)
    {
        for (int i = 0; (i = IndexOf(text, Marks, i)) >= 0;)
        {
            bool isWide = false;
            while (i < text.Length && Marks.Contains(text[i]))
            {
                isWide |= text[i] is '。' or '！' or '？';
                i++;
            }

            i = Skip(text, Closing, i);
            if (i < text.Length && (isWide || (text[i] == ' ' && CanBegin(text, Skip(text, Opening, i + 1)))))
            {
                yield return i;
            }
        }
    }

    private static int IndexOf(string text, SearchValues<char> values, int start) =>
        text.AsSpan(start).IndexOfAny(values) is >= 0 and { } length ? start + length : -1;

    private static int Skip(string text, SearchValues<char> values, int start) =>
        text.AsSpan(start).IndexOfAnyExcept(values) is >= 0 and { } length ? start + length : text.Length;

    private static bool CanBegin(string text, int at) =>
        at < text.Length && Rune.TryGetRuneAt(text, at, out Rune rune) && Rune.GetUnicodeCategory(rune) is
            UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.OtherLetter
            or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;
}
