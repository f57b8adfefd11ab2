using System.Diagnostics;
using System.Diagnostics.Metrics;
using MetaEol.Llama;

namespace MetaEol.Extensions.Diagnostics;

/// <summary>
/// Names of the spans and instruments of this library: what middleware around a generator cannot see. Subscribe with <c>AddSource(MetaEolTelemetry.Name)</c>
/// and <c>AddMeter(MetaEolTelemetry.Name)</c>. Tags of spans are named <c>metaeol.texts</c> and so on; instruments have the tags <see cref="ModelTag"/> and <see cref="PrecisionTag"/>.
/// </summary>
public static class MetaEolTelemetry
{
    /// <summary>Name of the activity source and of the meter.</summary>
    public const string Name = "MetaEol.Extensions";

    /// <summary>Span and histogram (seconds): a model is loaded.</summary>
    public const string Load = "metaeol.load";

    /// <summary>Span: the basis of the filter of dimensions is computed, once for a model.</summary>
    public const string Filter = "metaeol.filter";

    /// <summary>Span, stage 1: texts of a request are cleaned and put into templates. Tags: texts, templates.</summary>
    public const string Prompt = "metaeol.prompt";

    /// <summary>Span, stage 2: prompts of a request are tokenized. Tag: tokens.</summary>
    public const string Tokenize = "metaeol.tokenize";

    /// <summary>
    /// Span, stage 3: a request is cut into calls of the encoder. Tags: tokens, calls. What prompts have in common is planned within a call, after it was merged with
    /// others; that is part of <see cref="EncodeDuration"/>.
    /// </summary>
    public const string Plan = "metaeol.plan";

    /// <summary>Span, stage 4: a call's prompts wait for the encoder and are encoded. Tags: prompts, layers.</summary>
    public const string Encode = "metaeol.encode";

    /// <summary>Span, stage 5: a call's hidden states become vectors, views, explanations or likelihoods. Tag: items, which are texts or groups of ready prompts.</summary>
    public const string Pool = "metaeol.pool";

    /// <summary>Histogram (seconds): time of one call of the encoder, which may serve several requests.</summary>
    public const string EncodeDuration = "metaeol.encode.duration";

    /// <summary>Histogram: requests that one call of the encoder served.</summary>
    public const string EncodeRequests = "metaeol.encode.requests";

    /// <summary>Histogram: prompts of one call of the encoder.</summary>
    public const string EncodePrompts = "metaeol.encode.prompts";

    /// <summary>Histogram: prompt tokens of one call of the encoder.</summary>
    public const string EncodeTokens = "metaeol.encode.tokens";

    /// <summary>Counter: prompts encoded.</summary>
    public const string Prompts = "metaeol.prompts";

    /// <summary>Counter: prompt tokens of all templates.</summary>
    public const string Tokens = "metaeol.tokens";

    /// <summary>Up-down counter: requests that wait for the encoder.</summary>
    public const string Waiting = "metaeol.queue.waiting";

    /// <summary>Tag of all instruments: the model's id.</summary>
    public const string ModelTag = "model";

    /// <summary>Tag of all instruments: the encoder's arithmetic, such as <c>float32</c>; <c>unknown</c> where the encoder does not say.</summary>
    public const string PrecisionTag = "precision";

    private static readonly Meter Meter = new(Name);
    private static readonly Histogram<double> LoadSeconds = Meter.CreateHistogram<double>(Load, "s", "Time to load a model.");
    private static readonly Histogram<double> EncodeSeconds = Meter.CreateHistogram<double>(EncodeDuration, "s", "Time of one call of the encoder.");
    private static readonly Histogram<int> RequestsPerCall = Meter.CreateHistogram<int>(EncodeRequests, "{request}", "Requests served by one call of the encoder.");
    private static readonly Histogram<int> PromptsPerCall = Meter.CreateHistogram<int>(EncodePrompts, "{prompt}", "Prompts of one call of the encoder.");
    private static readonly Histogram<long> TokensPerCall = Meter.CreateHistogram<long>(EncodeTokens, "{token}", "Prompt tokens of one call of the encoder.");
    private static readonly Counter<long> EncodedPrompts = Meter.CreateCounter<long>(Prompts, "{prompt}", "Prompts encoded.");
    private static readonly Counter<long> PromptTokens = Meter.CreateCounter<long>(Tokens, "{token}", "Prompt tokens of all templates.");

    internal static ActivitySource Source { get; } = new(Name);

    internal static UpDownCounter<int> WaitingRequests { get; } = Meter.CreateUpDownCounter<int>(Waiting, "{request}", "Requests that wait for the encoder.");

    /// <summary>The tags of what is measured of a model.</summary>
    internal static KeyValuePair<string, object?>[] TagsOf(string? modelId, IPromptEncoder encoder) =>
        [new(ModelTag, modelId ?? "custom"), new(PrecisionTag, encoder.Precision ?? "unknown")];

    internal static void RecordLoad(TimeSpan elapsed, KeyValuePair<string, object?>[] tags) => LoadSeconds.Record(elapsed.TotalSeconds, tags);

    internal static void RecordTokens(long tokens, KeyValuePair<string, object?>[] tags) => PromptTokens.Add(tokens, tags);

    internal static void RecordEncode(TimeSpan elapsed, int requests, int prompts, long tokens, KeyValuePair<string, object?>[] tags)
    {
        EncodeSeconds.Record(elapsed.TotalSeconds, tags);
        RequestsPerCall.Record(requests, tags);
        PromptsPerCall.Record(prompts, tags);
        TokensPerCall.Record(tokens, tags);
        EncodedPrompts.Add(prompts, tags);
    }
}
