using System.Text.Json.Serialization;

namespace MetaEol.Retrieval.Storage;

/// <summary>Reads and writes a document's metadata without reflection, which trimming would break.</summary>
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
internal sealed partial class MetadataJsonContext : JsonSerializerContext;
