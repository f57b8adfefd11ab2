namespace MetaEol.AspNetCore.Json;

/// <summary>What Ollama tells of a model; of what is not known, an empty text.</summary>
internal sealed record OllamaModelDetails(string Format, string Family, IReadOnlyList<string> Families, string ParameterSize, string QuantizationLevel);
