using System.Text.Json.Serialization;
using MetaEol.Llama.Configuration;

namespace MetaEol.Llama.ModelFiles;

/// <summary>Writes out every public property of a configuration, without reflection: what the decoder goes by, whatever else config.json says.</summary>
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(LlamaConfig))]
internal sealed partial class ConfigJsonContext : JsonSerializerContext;
