using System.Globalization;
using System.Text;

namespace MetaEol.Retrieval.Ranking;

/// <summary>Makes a query for a full-text table of SQLite (FTS5) from what a user wrote. The index makes its own; this is for tables of yours, whose texts went through <see cref="WordText"/>.</summary>
public static class WordQuery
{
    // More words than a question has; a long text asks with its first ones.
    private const int MaxTerms = 256;

    /// <summary>
    /// The words of a question joined by OR, those that tell nothing left out unless there are no others. Each is quoted and holds letters, digits and marks only, so
    /// that nothing in a question is read as an operator.
    /// </summary>
    /// <param name="question">What the user wrote.</param>
    /// <returns>A query in FTS5's language; null where the question has no word.</returns>
    /// <exception cref="ArgumentNullException">There is no question.</exception>
    public static string? Create(string question)
    {
        ArgumentNullException.ThrowIfNull(question);
        List<string> terms = [.. Terms(question)];
        List<string> telling = [.. terms.Where(term => !StopWords.English.Contains(term))];
        IEnumerable<string> chosen = (telling.Count > 0 ? telling : terms).Distinct(StringComparer.Ordinal).Take(MaxTerms);
        return terms.Count == 0 ? null : string.Join(" OR ", chosen.Select(term => $"\"{WordText.Separate(term).Trim()}\""));
    }

    /// <summary>Runs of letters, digits and marks, in lower case; Chinese and Japanese as pairs of neighbouring characters.</summary>
    private static IEnumerable<string> Terms(string question)
    {
        StringBuilder word = new();
        char previous = '\0';
        foreach (Rune rune in question.EnumerateRunes())
        {
            bool isUnspaced = rune.IsBmp && WordText.IsUnspaced((char)rune.Value);
            if (isUnspaced || !IsPartOfWord(rune))
            {
                if (word.Length > 0)
                {
                    yield return Take(word);
                }
            }
            else
            {
                word.Append(rune);
            }

            if (isUnspaced)
            {
                yield return previous == '\0' ? ((char)rune.Value).ToString() : $"{previous}{(char)rune.Value}";
            }

            previous = isUnspaced ? (char)rune.Value : '\0';
        }

        if (word.Length > 0)
        {
            yield return Take(word);
        }
    }

    private static bool IsPartOfWord(Rune rune) => Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber or UnicodeCategory.PrivateUse;

    private static string Take(StringBuilder word)
    {
        string taken = word.ToString().ToLowerInvariant();
        word.Clear();
        return taken;
    }
}
