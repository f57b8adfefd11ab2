namespace MetaEol.Retrieval;

/// <summary>A piece of a document that is embedded, and found, as a whole.</summary>
/// <param name="Document">The document's id.</param>
/// <param name="Line">The line of the document where the passage begins, from 1.</param>
/// <param name="EndLine">The line where it ends, included.</param>
/// <param name="Start">Where it begins in the document's text, in UTF-16 units.</param>
/// <param name="Length">How much of the document's text it covers, in UTF-16 units.</param>
/// <param name="Heading">The title and the headings that it stands under, the outermost first; empty where there is none.</param>
/// <param name="Text">Its text on one line: white space and control characters are single spaces, Markdown's mark-up is gone.</param>
public sealed record Passage(string Document, int Line, int EndLine, int Start, int Length, string Heading, string Text)
{
    /// <summary>The document's metadata; empty where it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = EmptyMetadata;

    /// <summary>What is embedded: heading and text, or the text alone where it begins with the heading.</summary>
    public string EmbeddedText => Heading.Length == 0 || Text.StartsWith(Heading, StringComparison.Ordinal) ? Text : $"{Heading}: {Text}";

    internal static IReadOnlyDictionary<string, string> EmptyMetadata { get; } = new Dictionary<string, string>();
}
