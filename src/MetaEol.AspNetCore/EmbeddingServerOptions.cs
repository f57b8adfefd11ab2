using MetaEol.Extensions.Prompting;

namespace MetaEol.AspNetCore;

/// <summary>Options of the embedding endpoints of an application; all endpoints share them, and one queue.</summary>
public sealed class EmbeddingServerOptions
{
    /// <summary>
    /// Most prompt tokens that wait for the encoder, at least 1; a request beyond that gets the status 429 with <c>Retry-After</c>. Where nothing waits, any request is taken. Default: 4,194,304.
    /// </summary>
    public long MaxWaitingTokens { get; set; } = 1L << 22;

    /// <summary>
    /// Prompt tokens that are given to generators at the same time, at least 1: what is more waits here, where clients take turns. Default: 16,384, twice of what a MetaEOL generator encodes in one call, so that the
    /// next call is ready when one ends.
    /// </summary>
    public long RunningTokens { get; set; } = 1L << 14;

    /// <summary>Most requests that are answered at the same time, waiting ones included, at least 1; a request beyond that gets the status 429. Default: 512.</summary>
    public int MaxConcurrentRequests { get; set; } = 512;

    /// <summary>Most bytes of a request's body, at least 1; more gets the status 413. Default: 16 MiB.</summary>
    public long MaxBodyBytes { get; set; } = 16L << 20;

    /// <summary>Most texts of one request, at least 1. Default: 2,048, as OpenAI has it.</summary>
    public int MaxTexts { get; set; } = 2048;

    /// <summary>Most tokens of one request's texts, those of templates not counted, at least 1. Default: 300,000, as OpenAI has it.</summary>
    public long MaxTokens { get; set; } = 300_000;

    /// <summary>Longest time that a request may take, waiting included; after it comes the status 503. Default: ten minutes.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Keys of which a request must give one, as <c>Authorization: Bearer KEY</c>. Empty (the default): none is asked for, and whoever reaches the endpoints may use them.
    /// </summary>
    public IList<string> ApiKeys { get; } = [];

    /// <summary>
    /// Template sets that MetaEOL models are offered with besides their own, as <c>model:set</c>, and as <c>model:set:query</c> for questions where the set tells them from documents: names as in <c>MetaEolOptions.TemplateSet</c>. Default: the built-in sets.
    /// </summary>
    public IList<string> TemplateSets { get; } = [.. TemplateSet.BuiltIn.Select(set => set.Name)];

    /// <summary>Other names of models, so that a program that asks for <c>text-embedding-3-small</c> gets one of these. Key: the name asked for; value: the model's.</summary>
    public IDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What is wrong with these options, one sentence each.</summary>
    internal IEnumerable<string> Failures()
    {
        foreach ((string name, long value) in new[]
        {
            (nameof(MaxWaitingTokens), MaxWaitingTokens), (nameof(RunningTokens), RunningTokens), (nameof(MaxConcurrentRequests), MaxConcurrentRequests),
            (nameof(MaxBodyBytes), MaxBodyBytes), (nameof(MaxTexts), MaxTexts), (nameof(MaxTokens), MaxTokens),
        })
        {
            if (value < 1)
            {
                yield return $"{name} is {value}; it must be at least 1.";
            }
        }

        if (RequestTimeout <= TimeSpan.Zero)
        {
            yield return $"{nameof(RequestTimeout)} is {RequestTimeout}; it must be above zero.";
        }

        if (ApiKeys.Any(string.IsNullOrWhiteSpace))
        {
            yield return $"One of {nameof(ApiKeys)} is blank: a key has at least one character that is no white space.";
        }
    }
}
