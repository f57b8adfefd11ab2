using System.Text;
using System.Security.Cryptography;
using MetaEol.Llama;
using Microsoft.ML.Tokenizers;

namespace MetaEol.Extensions.MLTokenizers;

/// <summary>A tokenizer of Microsoft.ML.Tokenizers (<see cref="LlamaTokenizer"/>, <see cref="TiktokenTokenizer"/>, ...) as <see cref="ITokenizer"/>.</summary>
/// <remarks>
/// For those who already hold one. The built-in tokenizer follows Hugging Face more closely (version 2.0.0 of the package splits runs of one letter and some
/// characters beyond U+FFFF otherwise, for example); where the two differ, so do the vectors.
/// </remarks>
public sealed class MLTokenizer : ITokenizer
{
    /// <summary>Characters per wanted token that a cut first looks at; most tokens are shorter.</summary>
    private const int CharactersPerToken = 16;

    private static readonly IReadOnlyDictionary<string, int> NoTokens = new Dictionary<string, int>();

    private readonly Tokenizer _tokenizer;
    private readonly int? _beginningId;

    /// <summary>Tokens that a BPE tokenizer puts before and behind every text, 0 or 1 each; it cannot be asked not to.</summary>
    private readonly int _ownFirst;
    private readonly int _ownLast;
    private readonly Lazy<string> _contentHash;

    /// <inheritdoc/>
    /// <remarks>Kind, size of the vocabulary, and a hash of what the tokenizer tells about its tokens; Tiktoken does not tell its vocabulary.</remarks>
    public string Fingerprint => $"Microsoft.ML.Tokenizers {_tokenizer.GetType().Name} {VocabularySize} {_contentHash.Value}";

    /// <summary>Wraps a tokenizer.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="options">What it does not tell about itself; null takes the defaults.</param>
    /// <exception cref="ArgumentException">The vocabulary's size is neither given nor known, or an option is out of its range.</exception>
    public MLTokenizer(Tokenizer tokenizer, MLTokenizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        options ??= new MLTokenizerOptions();
        _tokenizer = tokenizer;
        VocabularySize = options.VocabularySize ?? KnownVocabularySize(tokenizer) ?? throw new ArgumentException(
            $"{tokenizer.GetType().Name} does not tell the size of its vocabulary; set {nameof(MLTokenizerOptions)}.{nameof(MLTokenizerOptions.VocabularySize)} (vocab_size in config.json).",
            nameof(options));
        if (VocabularySize < 1)
        {
            throw new ArgumentException($"{nameof(MLTokenizerOptions)}.{nameof(MLTokenizerOptions.VocabularySize)} is {VocabularySize}; it must be at least 1.", nameof(options));
        }

        if (tokenizer is BpeTokenizer bpe)
        {
            // An end of sentence shows itself only by standing for no character.
            IReadOnlyList<EncodedToken> probe = bpe.EncodeToTokens("a", out _);
            _ownFirst = bpe.BeginningOfSentenceToken is null ? 0 : 1;
            _ownLast = probe.Count > _ownFirst && probe[^1].Offset.Start.Equals(probe[^1].Offset.End) ? 1 : 0;
        }

        _contentHash = new(ComputeHash, LazyThreadSafetyMode.PublicationOnly);
        _beginningId = options.BeginningOfSentenceId ?? OwnBeginningId(tokenizer);
        if (_beginningId is { } id && (id < 0 || id >= VocabularySize))
        {
            throw new ArgumentException($"The id {id} for the beginning of a sentence is none of the vocabulary's; 0 .. {VocabularySize - 1} are.", nameof(options));
        }
    }

    /// <inheritdoc/>
    public int VocabularySize { get; }

    /// <inheritdoc/>
    public int[] Encode(string text)
    {
        IReadOnlyList<int> ids = EncodeText(text);
        return _beginningId is { } beginning ? [beginning, .. ids] : [.. ids];
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Microsoft.ML.Tokenizers reads its special tokens wherever they stand. So this gives the ids of the whole text where none of them overlaps the plain part,
    /// and refuses a text where one does.
    /// </remarks>
    /// <exception cref="NotSupportedException">The text of a special token overlaps <paramref name="plainText"/>, or the tokenizer does not tell which it has.</exception>
    public int[] Encode(string text, Range plainText)
    {
        ArgumentNullException.ThrowIfNull(text);
        (int start, int end) = (plainText.Start.GetOffset(text.Length), plainText.End.GetOffset(text.Length));
        if (start < 0 || start > end || end > text.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(plainText), plainText, $"The range goes from {start} to {end}; expected a part of the text, whose length is {text.Length}.");
        }

        IReadOnlyDictionary<string, int> special = SpecialTokens(_tokenizer) ?? throw new NotSupportedException(
            $"{_tokenizer.GetType().Name} does not tell which special tokens it reads in a text, so no part of one can be kept plain.");
        foreach (string token in special.Keys.Where(token => token.Length > 0))
        {
            // From the first place at which the token would reach into the part.
            int at = text.IndexOf(token, Math.Max(0, start - token.Length + 1), StringComparison.Ordinal);
            if (at >= 0 && at < end)
            {
                throw new NotSupportedException(
                    $"The text holds '{token}' at {at}, which {_tokenizer.GetType().Name} reads as a special token wherever it stands; take it out of the text, or use the built-in tokenizer.");
            }
        }

        return Encode(text);
    }

    /// <inheritdoc/>
    public int CountTokens(string text) => EncodeText(text).Count;

    /// <inheritdoc/>
    /// <remarks>
    /// Found by halving with <see cref="CountTokens"/>: the index that the tokenizer itself gives is one into its normalized text, and counts tokens that a cut
    /// text need not have.
    /// </remarks>
    public int GetIndexByTokenCount(string text, int maxTokenCount)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegative(maxTokenCount);
        int fits = 0;
        int next = (int)Math.Min(text.Length, (long)CharactersPerToken * (maxTokenCount + 1));
        while (Fits(next))
        {
            fits = next;
            if (fits == text.Length)
            {
                return fits;
            }

            next = Whole((int)Math.Min(text.Length, 2L * next));
        }

        int tooLong = next;
        while (tooLong - fits > 1)
        {
            int middle = Whole(fits + ((tooLong - fits) / 2));
            if (middle <= fits)
            {
                // Between the two is only a surrogate pair.
                break;
            }

            (fits, tooLong) = Fits(middle) ? (middle, tooLong) : (fits, middle);
        }

        return fits;

        bool Fits(int length) => CountTokens(text[..Whole(length)]) <= maxTokenCount;

        int Whole(int length) => length > 0 && length < text.Length && char.IsHighSurrogate(text[length - 1]) && char.IsLowSurrogate(text[length]) ? length - 1 : length;
    }

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> ids)
    {
        foreach (int id in ids)
        {
            if (id < 0 || id >= VocabularySize)
            {
                throw new ArgumentOutOfRangeException(nameof(ids), id, $"Token ids of this vocabulary are 0 .. {VocabularySize - 1}.");
            }
        }

        int[] all = ids.ToArray();
        return _tokenizer switch
        {
            SentencePieceTokenizer sentencePiece => sentencePiece.Decode(all, considerSpecialTokens: true),
            CodeGenTokenizer codeGen => codeGen.Decode(all, codeGen.AddPrefixSpace, considerSpecialTokens: true),
            _ => _tokenizer.Decode(all),
        };
    }

    /// <summary>The ids of a text alone, without those that a tokenizer adds around it.</summary>
    private IReadOnlyList<int> EncodeText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = WithoutLoneSurrogates(text);
        return _tokenizer switch
        {
            SentencePieceTokenizer sentencePiece => sentencePiece.EncodeToIds(text, addBeginningOfSentence: false, addEndOfSentence: false),
            CodeGenTokenizer codeGen => codeGen.EncodeToIds(text, codeGen.AddPrefixSpace, addBeginningOfSentence: false, addEndOfSentence: false),
            BpeTokenizer bpe => WithoutEnds(bpe.EncodeToIds(text), _ownFirst, _ownLast),
            BertTokenizer bert => bert.EncodeToIds(text, addSpecialTokens: false),
            _ => _tokenizer.EncodeToIds(text),
        };
    }

    private static IReadOnlyList<int> WithoutEnds(IReadOnlyList<int> ids, int first, int last) =>
        first + last == 0 ? ids : [.. ids.Skip(first).Take(ids.Count - first - last)];

    private static int? OwnBeginningId(Tokenizer tokenizer) => tokenizer switch
    {
        SentencePieceTokenizer { AddBeginningOfSentence: true } sentencePiece => sentencePiece.BeginningOfSentenceId,
        CodeGenTokenizer { AddBeginningOfSentence: true } codeGen => codeGen.BeginningOfSentenceId,
        BpeTokenizer { BeginningOfSentenceToken: { } token } bpe => bpe.SpecialTokens?.TryGetValue(token, out int id) == true ? id : bpe.Vocabulary[token],
        _ => null,
    };

    private static int? KnownVocabularySize(Tokenizer tokenizer) =>
        Vocabulary(tokenizer)?.Values.Concat(SpecialTokens(tokenizer)?.Values ?? []).Max() + 1;

    private static IReadOnlyDictionary<string, int>? Vocabulary(Tokenizer tokenizer) => tokenizer switch
    {
        SentencePieceTokenizer sentencePiece => sentencePiece.Vocabulary,
        BpeTokenizer bpe => bpe.Vocabulary,
        CodeGenTokenizer codeGen => codeGen.Vocabulary,
        EnglishRobertaTokenizer roberta => roberta.Vocabulary,
        _ => null,
    };

    /// <summary>The special tokens that a tokenizer finds in a text, or null if it does not tell.</summary>
    private static IReadOnlyDictionary<string, int>? SpecialTokens(Tokenizer tokenizer) => tokenizer switch
    {
        SentencePieceTokenizer sentencePiece => sentencePiece.SpecialTokens ?? NoTokens,
        BpeTokenizer bpe => bpe.SpecialTokens ?? NoTokens,
        CodeGenTokenizer codeGen => codeGen.SpecialTokens ?? NoTokens,
        TiktokenTokenizer tiktoken => tiktoken.SpecialTokens ?? NoTokens,
        WordPieceTokenizer wordPiece => wordPiece.SpecialTokens ?? NoTokens,
        EnglishRobertaTokenizer => NoTokens,
        _ => null,
    };

    private string ComputeHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (IReadOnlyDictionary<string, int>? tokens in new[] { Vocabulary(_tokenizer), SpecialTokens(_tokenizer) })
        {
            foreach ((string token, int id) in (tokens ?? NoTokens).OrderBy(entry => entry.Value).ThenBy(entry => entry.Key, StringComparer.Ordinal))
            {
                hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{token.Length} {token} {id} ")));
            }

            hash.AppendData([0]);
        }

        hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{_beginningId}")));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    /// <summary>Half a surrogate pair is no character; it reads as U+FFFD, which is one UTF-16 unit, too.</summary>
    private static string WithoutLoneSurrogates(string text)
    {
        int lone = FirstLoneSurrogate(text, 0);
        if (lone < 0)
        {
            return text;
        }

        char[] characters = text.ToCharArray();
        for (; lone >= 0; lone = FirstLoneSurrogate(text, lone + 1))
        {
            characters[lone] = '\uFFFD';
        }

        return new string(characters);
    }

    private static int FirstLoneSurrogate(string text, int begin)
    {
        for (int i = begin; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
            {
                return i;
            }

            i++;
        }

        return -1;
    }
}
