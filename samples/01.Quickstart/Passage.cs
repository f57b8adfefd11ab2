namespace MetaEol.Samples.Quickstart;

/// <summary>A piece of a document that is embedded and found as a whole.</summary>
/// <param name="File">The document's path, relative to the folder that was read, with forward slashes.</param>
/// <param name="Text">The text, on one line.</param>
internal sealed record Passage(string File, string Text);
