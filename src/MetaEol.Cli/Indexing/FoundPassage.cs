namespace MetaEol.Cli.Indexing;

/// <summary>A passage that a search found.</summary>
/// <param name="Score">Cosine of question and passage, -1 to 1.</param>
/// <param name="File">The file, relative to the folder.</param>
/// <param name="Line">The line where the passage begins, from 1.</param>
/// <param name="Text">The passage.</param>
internal sealed record FoundPassage(double Score, string File, int Line, string Text);
