using System.Globalization;
using System.Text;

namespace MetaEol.Extensions.Prompting;

/// <summary>The words of a text that tell what it is about: in lower case, without English stop words and punctuation.</summary>
/// <remarks>
/// It gives what NLTK's <c>word_tokenize</c> gives for ordinary text, where that counts here. A word is a run of letters, digits and marks; hyphens, apostrophes, full stops, slashes and underscores inside one belong to it
/// (well-known, o'clock, e.g, and/or), commas and colons between digits do (1,000, 10:30). Short forms are taken apart (don't: do, n't) and their ends dropped. Unlike there, signs that stand alone are never words, and a full stop at
/// the end of an abbreviation is dropped.
/// </remarks>
internal static class TextWords
{
    /// <summary>The words in the order of the text; one that stands twice comes twice.</summary>
    public static IEnumerable<string> Of(string text)
    {
        string lower = text.ToLowerInvariant().Replace('\u2019', '\'');
        for (int start = 0; start < lower.Length;)
        {
            int end = EndOfWord(lower, start);
            if (end == start)
            {
                start += Rune.TryGetRuneAt(lower, start, out Rune rune) ? rune.Utf16SequenceLength : 1;
                continue;
            }

            string whole = lower[start..end];
            string word = whole[..StopWords.FindShortForm(whole)];
            if (!StopWords.Contains(whole) && !StopWords.Contains(word))
            {
                yield return word;
            }

            start = end;
        }
    }

    private static int EndOfWord(string text, int start)
    {
        int end = start;
        while (LengthOfPart(text, end) is int length and > 0)
        {
            end += length;
            if (end < text.Length && Joins(text, end))
            {
                end++;
            }
        }

        return end;
    }

    // Whether the sign at an index belongs to the word before it, because the word goes on behind it.
    private static bool Joins(string text, int index) => text[index] switch
    {
        '-' or '\'' or '.' or '/' or '_' => LengthOfPart(text, index + 1) > 0,
        ',' or ':' => char.IsAsciiDigit(text[index - 1]) && index + 1 < text.Length && char.IsAsciiDigit(text[index + 1]),
        _ => false,
    };

    // Length of the letter, digit or mark at an index, 0 if there is none.
    private static int LengthOfPart(string text, int index) =>
        index < text.Length && Rune.TryGetRuneAt(text, index, out Rune rune) && IsPart(Rune.GetUnicodeCategory(rune)) ? rune.Utf16SequenceLength : 0;

    private static bool IsPart(UnicodeCategory category) => category
        is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter
        or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
}
