namespace MetaEol.Retrieval;

/// <summary>How a document's text is read.</summary>
public enum DocumentFormat
{
    /// <summary>Paragraphs stand between empty lines; there are no headings.</summary>
    PlainText,

    /// <summary>Markdown: headings, lists, quotations, fenced code and tables are recognised, and inline mark-up is left out of the passages.</summary>
    Markdown,
}
