namespace MetaEol.Samples.Quickstart;

/// <summary>A text file's paragraphs.</summary>
/// <param name="File">The path, relative to the folder that was read, with forward slashes.</param>
/// <param name="Paragraphs">The paragraphs, in order, each on one line and none of them empty.</param>
internal sealed record Document(string File, IReadOnlyList<string> Paragraphs);
