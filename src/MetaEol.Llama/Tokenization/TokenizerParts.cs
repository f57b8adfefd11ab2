namespace MetaEol.Llama.Tokenization;

/// <summary>What a tokenizer.json describes, ready to run. Immutable.</summary>
internal sealed record TokenizerParts
{
    /// <summary>Pre-tokenizers and model.</summary>
    public required PreTokenizerChain Pipeline { get; init; }

    /// <summary>The tokens that are looked for in the text as given, or null if there are none.</summary>
    public AddedTokenMatcher? PlainTokens { get; init; }

    /// <summary>The tokens that are looked for in the normalized text, or null if there are none.</summary>
    public AddedTokenMatcher? NormalizedTokens { get; init; }

    /// <summary>All added tokens by id.</summary>
    public required IReadOnlyDictionary<int, AddedToken> AddedTokens { get; init; }

    public Normalizer? Normalizer { get; init; }

    public required PostProcessor PostProcessor { get; init; }

    /// <summary>Null: the tokens are joined by spaces.</summary>
    public TokenDecoder? Decoder { get; init; }

    /// <summary>Normalizer, pre-tokenizer and decoder as the file has them, for the fingerprint.</summary>
    public required string Steps { get; init; }

    /// <summary>The largest id plus one.</summary>
    public required int VocabularySize { get; init; }
}
