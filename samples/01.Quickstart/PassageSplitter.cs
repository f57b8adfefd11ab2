using System.Text.RegularExpressions;
using MetaEol.Llama;

namespace MetaEol.Samples.Quickstart;

/// <summary>Splits a paragraph that is longer than a number of tokens at the ends of its sentences.</summary>
internal sealed partial class PassageSplitter
{
    // A window of this many characters for each token fills a passage of ordinary text, whose tokens are shorter on average; so a long text
    // is tokenized a few times over, and not once for every passage.
    private const int WindowCharactersPerToken = 16;

    private readonly ITokenizer _tokenizer;
    private readonly int _maxTokens;

    /// <summary>Creates a splitter.</summary>
    /// <param name="tokenizer">Counts the tokens.</param>
    /// <param name="maxTokens">The most tokens of a passage, at least 16.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxTokens"/> is less than 16.</exception>
    public PassageSplitter(ITokenizer tokenizer, int maxTokens)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTokens, 16);
        _tokenizer = tokenizer;
        _maxTokens = maxTokens;
    }

    /// <summary>
    /// The paragraph's passages, in order: each as many whole sentences as fit. A sentence that is too long by itself is cut between words,
    /// and a word that is too long by itself is cut inside.
    /// </summary>
    public IEnumerable<string> Split(string paragraph)
    {
        int start = 0;
        while (start < paragraph.Length)
        {
            if (paragraph[start] == ' ')
            {
                start++;
                continue;
            }

            string window = Window(paragraph, start);
            int length = PassageLength(window, isRest: start + window.Length == paragraph.Length);
            yield return window[..length].TrimEnd();
            start += length;
        }
    }

    private string Window(string text, int start)
    {
        int end = (int)Math.Min(text.Length, start + ((long)_maxTokens * WindowCharactersPerToken));
        return text[start..(end < text.Length && char.IsLowSurrogate(text[end]) ? end - 1 : end)];
    }

    private int PassageLength(string window, bool isRest)
    {
        int fits = _tokenizer.GetIndexByTokenCount(window, _maxTokens);
        if (isRest && fits == window.Length)
        {
            return fits;
        }

        int cut = LastSentenceEnd(window, fits);
        if (cut == 0)
        {
            cut = window.AsSpan(0, Math.Min(fits + 1, window.Length)).LastIndexOf(' ');
        }

        return cut > 0 ? cut : fits;
    }

    private static int LastSentenceEnd(string text, int limit)
    {
        int end = 0;
        foreach (ValueMatch match in SentenceEnd().EnumerateMatches(text))
        {
            if (match.Index + match.Length > limit)
            {
                break;
            }

            end = match.Index + match.Length;
        }

        return end;
    }

    // A full stop, question or exclamation mark with the quotes and brackets that close after it, before a space and something that can begin a sentence
    // (so not "e.g. this"); or the full-width marks, which no space follows.
    [GeneratedRegex("""[.!?…]+["'”’»)\]]*(?=\s+["'“‘«(\[¿¡]*[\p{Lu}\p{Lt}\p{Lo}\p{N}])|[。！？]+[」』”’）]*""")]
    private static partial Regex SentenceEnd();
}
