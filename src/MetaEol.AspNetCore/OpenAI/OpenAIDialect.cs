using System.Text.Json;
using MetaEol.AspNetCore.Requests;
using Microsoft.AspNetCore.Http;

namespace MetaEol.AspNetCore.OpenAI;

/// <summary>OpenAI's error object.</summary>
internal sealed class OpenAIDialect : Dialect
{
    public override string Name => "openai";

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
        (string type, string? code) = failure.Kind switch
        {
            FailureKind.Overloaded => ("rate_limit_exceeded", "rate_limit_exceeded"),
            FailureKind.Unauthorized => ("invalid_request_error", "invalid_api_key"),
            FailureKind.ModelNotFound => ("invalid_request_error", "model_not_found"),
            FailureKind.Backend or FailureKind.Unavailable => ("server_error", null),
            _ => ("invalid_request_error", null),
        };
        writer.WriteStartObject();
        writer.WriteStartObject("error");
        writer.WriteString("message", failure.Message);
        writer.WriteString("type", type);
        writer.WriteString("param", failure.Field);
        writer.WriteString("code", code);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
