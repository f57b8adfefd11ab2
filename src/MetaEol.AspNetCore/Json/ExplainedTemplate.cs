namespace MetaEol.AspNetCore.Json;

/// <summary>A template of an explanation.</summary>
internal sealed record ExplainedTemplate(string Name, string? Task, string Prompt);
