using System.Text.Json;
using MetaEol.AspNetCore.Requests;

namespace MetaEol.AspNetCore.OpenAI;

/// <summary>OpenAI's error object.</summary>
internal sealed class OpenAIDialect : Dialect
{
    public override string Name => "openai";

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
