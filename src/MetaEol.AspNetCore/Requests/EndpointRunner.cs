using System.Diagnostics;
using MetaEol.Extensions;
using MetaEol.Llama;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MetaEol.AspNetCore.Requests;

/// <summary>What is the same around every endpoint: key, limits, failures in the endpoint's dialect, one line of log, metrics and a span.</summary>
internal sealed class EndpointRunner(EmbeddingGateway gateway, Dialect dialect)
{
    // What proxies write into their logs where the client has left.
    private const int ClientLeft = 499;

    /// <summary>An endpoint.</summary>
    /// <param name="method">What it does, for the metrics.</param>
    /// <param name="handler">Answers a request, or throws.</param>
    public RequestDelegate Create(string method, Func<EmbeddingCall, Task> handler) => http => RunAsync(http, method, handler);

    private async Task RunAsync(HttpContext http, string method, Func<EmbeddingCall, Task> handler)
    {
        using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        ends.CancelAfter(gateway.Options.RequestTimeout);
        using Activity? span = ServerTelemetry.Source.StartActivity(ServerTelemetry.Request);
        string? client = gateway.Identify(http);
        EmbeddingCall call = new(http, gateway, client ?? "", ends.Token);
        RequestFailureException? failure = null;
        bool left = false;
        bool open = false;
        try
        {
            if (client is null)
            {
                throw new RequestFailureException(FailureKind.Unauthorized, "This server asks for a key: send it as 'Authorization: Bearer KEY'.");
            }

            open = gateway.TryOpen();
            if (!open)
            {
                throw new RequestFailureException(FailureKind.Overloaded, $"{gateway.Options.MaxConcurrentRequests} requests are answered at the same time, and no more: try again later.")
                {
                    RetryAfterSeconds = gateway.Gate.SecondsUntilIdle(),
                };
            }

            if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
            {
                body.MaxRequestBodySize = gateway.Options.MaxBodyBytes;
            }

            await handler(call).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            left = true;
        }
        catch (Exception e)
        {
            failure = FailureOf(e, ends.IsCancellationRequested);
            await AnswerAsync(http, failure, e).ConfigureAwait(false);
        }
        finally
        {
            if (open)
            {
                gateway.Close();
            }
        }

        int status = left ? ClientLeft : http.Response.StatusCode;
        span?.SetTag("metaeol.dialect", dialect.Name).SetTag("metaeol.method", method).SetTag("metaeol.model", call.Model?.Name).SetTag("metaeol.texts", call.Texts)
            .SetTag("metaeol.tokens", call.Tokens).SetTag("http.response.status_code", status);
        ServerTelemetry.Record(call, method, left ? "cancelled" : failure is null ? null : FailureName(failure.Kind));
        gateway.Logger.Answered(
            http.Request.Method, http.Request.Path.Value ?? "", status, call.Model?.Name, call.Texts, call.Tokens, call.QueueTime.TotalMilliseconds, call.InferenceTime.TotalMilliseconds, call.Elapsed.TotalMilliseconds);
    }

    private async Task AnswerAsync(HttpContext http, RequestFailureException failure, Exception cause)
    {
        if (failure.Kind == FailureKind.Backend)
        {
            gateway.Logger.Failed(cause);
        }

        if (http.Response.HasStarted)
        {
            // Half an answer must not look like a whole one.
            http.Abort();
            return;
        }

        http.Response.Clear();
        await dialect.WriteAsync(http, failure).ConfigureAwait(false);
    }

    private RequestFailureException FailureOf(Exception exception, bool ended) => exception switch
    {
        RequestFailureException failure => failure,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            new RequestFailureException(FailureKind.TooLarge, $"The body has more than {gateway.Options.MaxBodyBytes} bytes. Send it in parts.", inner: exception),
        BadHttpRequestException bad => new RequestFailureException(FailureKind.Invalid, $"The body cannot be read: {bad.Message}", inner: exception),
        GeneratorBusyException busy => new RequestFailureException(FailureKind.Overloaded, busy.Message, inner: exception) { RetryAfterSeconds = gateway.Gate.SecondsUntilIdle() },
        OperationCanceledException when ended =>
            new RequestFailureException(FailureKind.Unavailable, $"The request took longer than {gateway.Options.RequestTimeout.TotalSeconds:0.###} s, and was ended.", inner: exception),
        ObjectDisposedException => new RequestFailureException(FailureKind.Unavailable, "The server stops.", inner: exception),
        ArgumentException argument => new RequestFailureException(FailureKind.Invalid, MessageOf(argument), inner: exception),
        NotSupportedException unsupported => new RequestFailureException(FailureKind.Backend, unsupported.Message, inner: exception),
        InvalidModelException => new RequestFailureException(FailureKind.Backend, "The model cannot be used, or gave no usable vector; the server's log says why.", inner: exception),
        _ => new RequestFailureException(FailureKind.Backend, "The request failed inside the server; its log says why.", inner: exception),
    };

    private static string MessageOf(ArgumentException exception) =>
        exception.ParamName is { } name ? exception.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : exception.Message;

    private static string FailureName(FailureKind kind) => kind switch
    {
        FailureKind.Overloaded => "overloaded",
        FailureKind.Backend => "backend",
        FailureKind.Unavailable => "unavailable",
        FailureKind.Unauthorized => "unauthorized",
        _ => "validation",
    };
}
