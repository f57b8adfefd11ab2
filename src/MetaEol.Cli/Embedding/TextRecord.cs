namespace MetaEol.Cli.Embedding;

/// <summary>A text to embed.</summary>
/// <param name="Text">The text.</param>
/// <param name="Source">Where it is, for people: <c>notes.txt, line 7</c>.</param>
/// <param name="File">The file it is, in a folder; else null.</param>
/// <param name="Position">How much of the input lies before the next text, in the unit of <see cref="TextSource.Length"/>.</param>
internal readonly record struct TextRecord(string Text, string Source, string? File, long Position);
