namespace MetaEol.Cli.Indexing;

/// <summary>A piece of a file that is embedded as a whole.</summary>
/// <param name="Line">The line where it begins, from 1.</param>
/// <param name="Text">Its text, lines joined by spaces.</param>
internal readonly record struct Passage(int Line, string Text);
