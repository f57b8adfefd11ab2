namespace MetaEol.AspNetCore.Embedding;

/// <summary>What becomes of a text that does not fit the model's context.</summary>
internal enum Truncation
{
    /// <summary>It is an error.</summary>
    None,

    /// <summary>Its end is cut off.</summary>
    Right,

    /// <summary>Its beginning is cut off.</summary>
    Left,
}
