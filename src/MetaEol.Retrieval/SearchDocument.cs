namespace MetaEol.Retrieval;

/// <summary>A document to search in.</summary>
/// <param name="Id">What names it in the index, such as a path or a key; unique there, and not empty.</param>
/// <param name="Text">Its text.</param>
public sealed record SearchDocument(string Id, string Text)
{
    /// <summary>Its title, which stands before the headings of all its passages; null where it has none.</summary>
    public string? Title { get; init; }

    /// <summary>How the text is read.</summary>
    public DocumentFormat Format { get; init; }

    /// <summary>What else is known of it; kept in the index and given back with its passages. Not searched.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}
