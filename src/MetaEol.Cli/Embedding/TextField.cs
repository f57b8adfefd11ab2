namespace MetaEol.Cli.Embedding;

/// <summary>A field that stood beside a text in the input.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Json">Its value as JSON, to the letter as it stood there.</param>
internal readonly record struct TextField(string Name, string Json);
