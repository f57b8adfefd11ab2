namespace MetaEol.Cli.Embedding;

/// <summary>A part of a text that gets a row of its own.</summary>
/// <param name="Number">Which part, from 0.</param>
/// <param name="Line">The line of the text where it begins, from 1.</param>
/// <param name="Text">The part.</param>
internal sealed record TextPassage(int Number, int Line, string Text);
