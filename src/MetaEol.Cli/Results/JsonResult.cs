using System.Text.Encodings.Web;
using System.Text.Json;

namespace MetaEol.Cli.Results;

/// <summary>Results for programs.</summary>
internal static class JsonResult
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static void Write(TextWriter writer, object result) => writer.WriteLine(JsonSerializer.Serialize(result, Options));
}
