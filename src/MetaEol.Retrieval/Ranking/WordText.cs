using System.Text;

namespace MetaEol.Retrieval.Ranking;

/// <summary>Prepares texts for a full-text table of SQLite (FTS5).</summary>
public static class WordText
{
    /// <summary>
    /// Puts spaces around the characters of scripts that are written without spaces between words, so that each is a word of the index: whole sentences would be
    /// words otherwise.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <returns>The text itself where there is no such character in it.</returns>
    /// <exception cref="ArgumentNullException">There is no text.</exception>
    public static string Separate(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int first = 0;
        while (first < text.Length && !IsUnspaced(text[first]))
        {
            first++;
        }

        if (first == text.Length)
        {
            return text;
        }

        StringBuilder separated = new(text, 0, first, text.Length * 2);
        foreach (char letter in text.AsSpan(first))
        {
            if (IsUnspaced(letter))
            {
                separated.Append(' ').Append(letter).Append(' ');
            }
            else
            {
                separated.Append(letter);
            }
        }

        return separated.ToString();
    }

    /// <summary>Whether a character is Chinese or Japanese.</summary>
    internal static bool IsUnspaced(char letter) => letter is (>= '\u3040' and <= '\u30FF') or (>= '\u3400' and <= '\u4DBF') or (>= '\u4E00' and <= '\u9FFF') or (>= '\uF900' and <= '\uFAFF');
}
