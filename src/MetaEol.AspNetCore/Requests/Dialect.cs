using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace MetaEol.AspNetCore.Requests;

/// <summary>How one kind of endpoint tells a failure.</summary>
internal abstract class Dialect
{
    /// <summary>The dialect's name, for logs and metrics.</summary>
    public abstract string Name { get; }

    /// <summary>The status of a failure: HTTP's own, unless a dialect has another.</summary>
    public virtual int StatusOf(FailureKind kind) => kind switch
    {
        FailureKind.Invalid or FailureKind.Empty => StatusCodes.Status400BadRequest,
        FailureKind.TooLarge => StatusCodes.Status413PayloadTooLarge,
        FailureKind.Unauthorized => StatusCodes.Status401Unauthorized,
        FailureKind.ModelNotFound => StatusCodes.Status404NotFound,
        FailureKind.Overloaded => StatusCodes.Status429TooManyRequests,
        FailureKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>Writes the body of a failure.</summary>
    public abstract void Write(Utf8JsonWriter writer, RequestFailureException failure);

    /// <summary>Answers with a failure.</summary>
    public async Task WriteAsync(HttpContext http, RequestFailureException failure)
    {
        http.Response.StatusCode = StatusOf(failure.Kind);
        if (failure.RetryAfterSeconds is int seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (failure.Kind == FailureKind.Unauthorized)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
        }

        http.Response.ContentType = JsonAnswer.ContentType;
        Utf8JsonWriter writer = JsonAnswer.CreateWriter(http.Response.BodyWriter);
        await using (writer.ConfigureAwait(false))
        {
            Write(writer, failure);
        }
    }
}
