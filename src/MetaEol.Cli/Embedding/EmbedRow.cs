namespace MetaEol.Cli.Embedding;

/// <summary>A row of the output.</summary>
/// <param name="Record">The text of the input that it is of.</param>
/// <param name="Text">What is embedded: the text, a passage of it, or what of either fits.</param>
/// <param name="Passage">The passage that it is of; null if it is of the whole text.</param>
internal sealed record EmbedRow(TextRecord Record, string Text, TextPassage? Passage);
