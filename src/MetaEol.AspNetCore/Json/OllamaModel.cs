namespace MetaEol.AspNetCore.Json;

/// <summary>A model, as Ollama lists it.</summary>
internal sealed record OllamaModel(string Name, string Model, DateTimeOffset ModifiedAt, long Size, string Digest, OllamaModelDetails Details);
