using System.Text.Json;
using MetaEol.AspNetCore.Requests;

namespace MetaEol.AspNetCore.Ollama;

/// <summary>Ollama's errors.</summary>
internal sealed class OllamaDialect : Dialect
{
    public override string Name => "ollama";

    public override void Write(Utf8JsonWriter writer, RequestFailureException failure)
    {
        writer.WriteStartObject();
        writer.WriteString("error", failure.Message);
        writer.WriteEndObject();
    }
}
