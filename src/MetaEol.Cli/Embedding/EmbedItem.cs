namespace MetaEol.Cli.Embedding;

/// <summary>A row to embed, a problem, or both: a row that is cut.</summary>
/// <param name="Row">The row; null for what is skipped.</param>
/// <param name="Problem">What is to be told; null where nothing is.</param>
/// <param name="After">How much of the input is done with it.</param>
/// <param name="Position">The same in the unit of <see cref="TextSource.Length"/>.</param>
internal sealed record EmbedItem(EmbedRow? Row, TextProblem? Problem, InputPlace After, long Position);
