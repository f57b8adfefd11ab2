using System.Text.Json;
using MetaEol.AspNetCore.Requests;
using Microsoft.AspNetCore.Http;

namespace MetaEol.AspNetCore.TextEmbeddingsInference;

/// <summary>The errors of Text Embeddings Inference.</summary>
internal sealed class TeiDialect : Dialect
{
    public override string Name => "tei";

    public override int StatusOf(FailureKind kind) => kind switch
    {
        FailureKind.Invalid or FailureKind.ModelNotFound => StatusCodes.Status422UnprocessableEntity,
        FailureKind.Backend => StatusCodes.Status424FailedDependency,
        _ => base.StatusOf(kind),
    };

    public override void Write(Utf8JsonWriter writer, RequestFailureException failure)
    {
        writer.WriteStartObject();
        writer.WriteString("error", failure.Message);
        writer.WriteString("error_type", failure.Kind switch
        {
            FailureKind.Overloaded => "Overloaded",
            FailureKind.Empty => "Empty",
            FailureKind.Backend => "Backend",
            FailureKind.Unavailable => "Unhealthy",
            FailureKind.Unauthorized => "Unauthorized",
            _ => "Validation",
        });
        writer.WriteEndObject();
    }
}
