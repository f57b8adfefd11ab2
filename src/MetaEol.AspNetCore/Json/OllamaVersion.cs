namespace MetaEol.AspNetCore.Json;

/// <summary>Ollama's <c>/api/version</c>.</summary>
internal sealed record OllamaVersion(string Version);
