using System.Diagnostics;
using System.Diagnostics.Metrics;
using MetaEol.AspNetCore.Requests;

namespace MetaEol.AspNetCore;

/// <summary>
/// Names of the spans and instruments of the endpoints. Subscribe with <c>AddSource(ServerTelemetry.Name)</c> and <c>AddMeter(ServerTelemetry.Name)</c>; <c>/metrics</c> shows the same. Instruments are called as in Text
/// Embeddings Inference where they mean the same.
/// </summary>
public static class ServerTelemetry
{
    /// <summary>Name of the activity source and of the meter.</summary>
    public const string Name = "MetaEol.AspNetCore";

    /// <summary>Span: a request is answered. Tags: dialect, method, model, texts, tokens, status.</summary>
    public const string Request = "metaeol.server.request";

    /// <summary>Span: a part of a request waits for its turn.</summary>
    public const string Wait = "metaeol.server.wait";

    /// <summary>Counter: requests. Tags: method, model.</summary>
    public const string RequestCount = "te_request_count";

    /// <summary>Counter: requests that were answered. Tags: method, model.</summary>
    public const string RequestSuccess = "te_request_success";

    /// <summary>Counter: requests that were not answered. Tags: method, model, err.</summary>
    public const string RequestFailure = "te_request_failure";

    /// <summary>Histogram (seconds): a request from its first byte to its last. Tags: method, model.</summary>
    public const string RequestDuration = "te_request_duration";

    /// <summary>Histogram (seconds): time until the first part of a request had its turn. Tags: method, model.</summary>
    public const string QueueDuration = "te_request_queue_duration";

    /// <summary>Histogram (seconds): time from there until the last vector was there. Tags: method, model.</summary>
    public const string InferenceDuration = "te_request_inference_duration";

    /// <summary>Histogram (seconds): time in which texts were counted and checked. Tags: method, model.</summary>
    public const string TokenizationDuration = "te_request_tokenization_duration";

    /// <summary>Histogram (tokens): prompt tokens of a request, those of all templates. Tags: method, model.</summary>
    public const string InputLength = "te_request_input_length";

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Requests = Meter.CreateCounter<long>(RequestCount, "{request}", "Requests.");
    private static readonly Counter<long> Successes = Meter.CreateCounter<long>(RequestSuccess, "{request}", "Requests that were answered.");
    private static readonly Counter<long> Failures = Meter.CreateCounter<long>(RequestFailure, "{request}", "Requests that were not answered.");
    private static readonly Histogram<double> Seconds = Meter.CreateHistogram<double>(RequestDuration, "s", "A request from its first byte to its last.");
    private static readonly Histogram<double> QueueSeconds = Meter.CreateHistogram<double>(QueueDuration, "s", "Time until the first part of a request had its turn.");
    private static readonly Histogram<double> InferenceSeconds = Meter.CreateHistogram<double>(InferenceDuration, "s", "Time from there until the last vector was there.");
    private static readonly Histogram<double> TokenizationSeconds = Meter.CreateHistogram<double>(TokenizationDuration, "s", "Time in which texts were counted and checked.");
    private static readonly Histogram<long> Tokens = Meter.CreateHistogram<long>(InputLength, "{token}", "Prompt tokens of a request, those of all templates.");

    internal static ActivitySource Source { get; } = new(Name);

    internal static void Record(EmbeddingCall call, string method, string? error)
    {
        TagList tags = new() { { "method", method }, { "model", call.Model?.Name ?? "" } };
        Requests.Add(1, tags);
        if (error is not null)
        {
            Failures.Add(1, [new("method", method), new("model", call.Model?.Name ?? ""), new("err", error)]);
            return;
        }

        Successes.Add(1, tags);
        Seconds.Record(call.Elapsed.TotalSeconds, tags);
        if (call.Texts > 0)
        {
            QueueSeconds.Record(call.QueueTime.TotalSeconds, tags);
            InferenceSeconds.Record(call.InferenceTime.TotalSeconds, tags);
            TokenizationSeconds.Record(call.TokenizationTime.TotalSeconds, tags);
            Tokens.Record(call.Tokens, tags);
        }
    }
}
