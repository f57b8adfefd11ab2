namespace MetaEol.Llama;

/// <summary>A model's own tokenizer: text to token ids and back. Implementations are safe to use from many threads at once.</summary>
public interface ITokenizer
{
    /// <summary>Number of token ids: every id is in <c>0 .. VocabularySize - 1</c>.</summary>
    int VocabularySize { get; }

    /// <summary>A short text that differs wherever token ids differ: it names the kind of tokenizer, its vocabulary, and how it reads special tokens.</summary>
    string Fingerprint { get; }

    /// <summary>
    /// Token ids of <paramref name="text"/> as Hugging Face's <c>tokenizer(text)</c> gives them: added tokens inside the text are recognised, and the
    /// tokens of the post-processor (BOS, usually) are added.
    /// </summary>
    /// <param name="text">The whole prompt. May be empty. Lone surrogates are read as U+FFFD.</param>
    /// <returns>The ids, in order.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    int[] Encode(string text);

    /// <summary>
    /// Token ids of a prompt of which a part comes from outside: as <see cref="Encode(string)"/>, but a special token that overlaps
    /// <paramref name="plainText"/> is read as plain text. What stands around it is read as ever, and merges go across its borders.
    /// </summary>
    /// <param name="text">The whole prompt.</param>
    /// <param name="plainText">The part, in UTF-16 units.</param>
    /// <returns>The ids, in order.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="plainText"/> is not within <paramref name="text"/>.</exception>
    /// <exception cref="NotSupportedException">This tokenizer cannot tell the parts of a text apart.</exception>
    int[] Encode(string text, Range plainText) => throw new NotSupportedException($"{GetType().Name} reads special tokens wherever they stand.");

    /// <summary>Number of tokens that <paramref name="text"/> itself has, without those the post-processor adds.</summary>
    /// <param name="text">A text. May be empty.</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    int CountTokens(string text);

    /// <summary>
    /// The index in <paramref name="text"/> (in UTF-16 units, never inside a surrogate pair) up to which the text has at most
    /// <paramref name="maxTokenCount"/> tokens of its own: <c>CountTokens(text[..index]) &lt;= maxTokenCount</c>. It is <c>text.Length</c> if the whole text fits.
    /// </summary>
    /// <param name="text">A text. May be empty.</param>
    /// <param name="maxTokenCount">The most tokens wanted, zero or more.</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxTokenCount"/> is negative.</exception>
    int GetIndexByTokenCount(string text, int maxTokenCount);

    /// <summary>The text of token ids, special tokens included, as Hugging Face's <c>decode(ids)</c> gives it; incomplete UTF-8 becomes U+FFFD.</summary>
    /// <param name="ids">Token ids.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside <c>0 .. VocabularySize - 1</c>.</exception>
    string Decode(ReadOnlySpan<int> ids);

    /// <summary>How this tokenizer reads special tokens that stand in a text.</summary>
    SpecialTokenHandling SpecialTokens => SpecialTokenHandling.Recognize;

    /// <summary>
    /// The same tokenizer with another reading of special tokens: with <see cref="SpecialTokenHandling.PlainText"/> a text from outside cannot
    /// smuggle in control tokens. All members of the result read texts in this way; vocabulary and merges are shared, so it costs nothing.
    /// </summary>
    /// <param name="handling">The reading wanted.</param>
    /// <exception cref="NotSupportedException">This tokenizer has only the reading of <see cref="SpecialTokens"/>.</exception>
    ITokenizer WithSpecialTokens(SpecialTokenHandling handling) => handling == SpecialTokens
        ? this
        : throw new NotSupportedException($"This tokenizer reads special tokens as {SpecialTokens} only, not as {handling}.");
}
