namespace MetaEol.Llama.Tokenization;

/// <summary>A SentencePiece model, and what Hugging Face's conversion of it adds. Immutable.</summary>
internal sealed record SentencePieceParts
{
    public required SentencePieceModel Model { get; init; }

    public required PostProcessor PostProcessor { get; init; }

    /// <summary>All tokens that are looked for, in order of their ids.</summary>
    public required IReadOnlyList<AddedToken> AddedTokens { get; init; }

    /// <summary>The tokens that are looked for in the text as given, or null if there are none.</summary>
    public AddedTokenMatcher? PlainTokens { get; init; }

    /// <summary>The tokens that are looked for in the normalized text, or null if there are none.</summary>
    public AddedTokenMatcher? NormalizedTokens { get; init; }

    /// <summary>Whether a text between two added tokens gets a dummy space, as one at the start of the text does.</summary>
    public required bool IsLegacy { get; init; }

    /// <summary>Whether the settings allow the dummy space.</summary>
    public required bool AddPrefixSpace { get; init; }
}
