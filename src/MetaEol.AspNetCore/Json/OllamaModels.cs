namespace MetaEol.AspNetCore.Json;

/// <summary>Ollama's <c>/api/tags</c>.</summary>
internal sealed record OllamaModels(IReadOnlyList<OllamaModel> Models);
