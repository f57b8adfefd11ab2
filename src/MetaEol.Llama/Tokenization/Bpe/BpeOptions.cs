namespace MetaEol.Llama.Tokenization;

/// <summary>The options of a BPE model in tokenizer.json.</summary>
internal sealed record BpeOptions
{
    /// <summary>The token for characters that the vocabulary lacks, or null: they are left out.</summary>
    public string? UnknownToken { get; init; }

    /// <summary>Set before every character of a word but the first. Empty: none.</summary>
    public string ContinuingSubwordPrefix { get; init; } = "";

    /// <summary>Set behind the last character of a word. Empty: none.</summary>
    public string EndOfWordSuffix { get; init; } = "";

    /// <summary>Whether unknown characters behind one another become one unknown token.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>Whether characters that the vocabulary lacks become tokens <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c>.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Whether a word that is a token itself is not merged from its parts.</summary>
    public bool IgnoreMerges { get; init; }
}
