namespace MetaEol.AspNetCore.Json;

/// <summary>What the page has to know before it asks for anything.</summary>
internal sealed record PageSettings(bool Key, bool Search, string Version);
