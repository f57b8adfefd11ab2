using System.Text.Json;
using MetaEol.AspNetCore.Requests;
using Microsoft.AspNetCore.Http;

namespace MetaEol.AspNetCore.Ollama;

/// <summary>Ollama's errors.</summary>
internal sealed class OllamaDialect : Dialect
{
    public override string Name => "ollama";

    public override int StatusOf(FailureKind kind) => kind switch
    {
        FailureKind.Invalid or FailureKind.Empty => StatusCodes.Status400BadRequest,
        FailureKind.TooLarge => StatusCodes.Status413PayloadTooLarge,
        FailureKind.Unauthorized => StatusCodes.Status401Unauthorized,
        FailureKind.ModelNotFound => StatusCodes.Status404NotFound,
        FailureKind.Overloaded => StatusCodes.Status429TooManyRequests,
        FailureKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    public override void Write(Utf8JsonWriter writer, RequestFailureException failure)
    {
        writer.WriteStartObject();
        writer.WriteString("error", failure.Message);
        writer.WriteEndObject();
    }
}
