namespace MetaEol.Llama.Tokenization;

/// <summary>What becomes of the parts that a split pattern matches.</summary>
internal enum SplitBehavior
{
    /// <summary>They are dropped.</summary>
    Removed,

    /// <summary>Each is a word.</summary>
    Isolated,

    /// <summary>They belong to the word before.</summary>
    MergedWithPrevious,

    /// <summary>They belong to the word behind.</summary>
    MergedWithNext,

    /// <summary>Those behind one another are one word.</summary>
    Contiguous,
}
