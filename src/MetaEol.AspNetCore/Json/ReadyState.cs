namespace MetaEol.AspNetCore.Json;

/// <summary>Whether the server answers.</summary>
internal sealed record ReadyState(string Status);
