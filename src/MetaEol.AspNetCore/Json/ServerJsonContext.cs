using System.Text.Json.Serialization;

namespace MetaEol.AspNetCore.Json;

/// <summary>Answers that are small enough to be objects; vectors are written straight from their numbers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ModelEntry))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ServerInfo))]
[JsonSerializable(typeof(RankedText[]))]
[JsonSerializable(typeof(TextToken[][]))]
[JsonSerializable(typeof(double[]))]
[JsonSerializable(typeof(OllamaModels))]
[JsonSerializable(typeof(OllamaVersion))]
[JsonSerializable(typeof(ReadyState))]
[JsonSerializable(typeof(Explanation))]
[JsonSerializable(typeof(PageSettings))]
[JsonSerializable(typeof(SearchAnswer))]
internal sealed partial class ServerJsonContext : JsonSerializerContext;
