namespace MetaEol.AspNetCore;

/// <summary>A passage that a search on the page has found.</summary>
/// <param name="Document">The document, such as a file's path.</param>
/// <param name="Line">The passage's first line, from 1.</param>
/// <param name="Score">Its score, the higher the better.</param>
/// <param name="Text">Its text.</param>
public sealed record FoundPassage(string Document, int Line, double Score, string Text);
