namespace MetaEol.Retrieval.Splitting;

/// <summary>A paragraph of a document, its mark-up gone.</summary>
/// <param name="Heading">The headings that it stands under; empty where there is none.</param>
/// <param name="Text">The text on one line.</param>
/// <param name="Origins">For each character of the text, where it stands in the document.</param>
/// <param name="Breaks">Places in the text, in ascending order, where a line begins that is a thought of its own: list items, table rows, lines of code.</param>
internal sealed record TextBlock(string Heading, string Text, IReadOnlyList<int> Origins, IReadOnlyList<int> Breaks);
