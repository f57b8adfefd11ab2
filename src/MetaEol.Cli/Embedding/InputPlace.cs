namespace MetaEol.Cli.Embedding;

/// <summary>How much of an input is done.</summary>
/// <param name="Texts">Texts that are done.</param>
/// <param name="Passages">Passages of the next text that are done, where it is split.</param>
internal readonly record struct InputPlace(long Texts, int Passages);
