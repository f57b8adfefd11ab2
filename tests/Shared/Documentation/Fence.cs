namespace MetaEol.Tests.Documentation;

/// <summary>A fenced block of a page.</summary>
/// <param name="Language">The first word of the info string; empty where there is none.</param>
/// <param name="Line">The line of its first line of content, from 1.</param>
/// <param name="Text">Its content.</param>
/// <param name="Note">The text of a comment <c>&lt;!-- snippet: ... --&gt;</c> on the line above the fence, or null.</param>
internal sealed record Fence(string Language, int Line, string Text, string? Note);
