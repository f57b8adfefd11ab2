using MetaEol.Llama;

namespace MetaEol.Retrieval.Tests;

/// <summary>A tokenizer whose tokens are words of at most eight characters, with the space before them, so that a test can count them.</summary>
internal sealed class WordTokenizer : ITokenizer
{
    private const int MaxWordLength = 8;

    /// <summary>Number of characters that were given to the tokenizer in all calls.</summary>
    public long CharactersRead { get; private set; }

    public void Reset() => CharactersRead = 0;

    public int VocabularySize => 1;

    public string Fingerprint => "words";

    public int[] Encode(string text) => new int[CountTokens(text) + 1];

    public int CountTokens(string text) => TokenEnds(text).Count();

    public int GetIndexByTokenCount(string text, int maxTokenCount) => TokenEnds(text).Take(maxTokenCount).LastOrDefault();

    public string Decode(ReadOnlySpan<int> ids) => throw new NotSupportedException();

    private IEnumerable<int> TokenEnds(string text)
    {
        CharactersRead += text.Length;
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (length > 0 && (text[i] == ' ' || (length >= MaxWordLength && !char.IsLowSurrogate(text[i]))))
            {
                yield return i;
                length = 0;
            }

            length++;
        }

        if (length > 0)
        {
            yield return text.Length;
        }
    }
}
