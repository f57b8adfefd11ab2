namespace MetaEol.AspNetCore.Json;

/// <summary>OpenAI's list of models.</summary>
internal sealed record ModelList(string Object, IReadOnlyList<ModelEntry> Data);
