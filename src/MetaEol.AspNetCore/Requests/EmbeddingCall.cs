using System.Diagnostics;
using MetaEol.AspNetCore.Models;
using Microsoft.AspNetCore.Http;

namespace MetaEol.AspNetCore.Requests;

/// <summary>One request while it is answered: who asks, and what became of it, for the log, the metrics and the headers.</summary>
internal sealed class EmbeddingCall(HttpContext http, EmbeddingGateway gateway, string client, CancellationToken cancellationToken)
{
    private readonly long _started = Stopwatch.GetTimestamp();

    public HttpContext Http => http;

    public EmbeddingGateway Gateway => gateway;

    /// <summary>Who asks, for taking turns.</summary>
    public string Client => client;

    /// <summary>Ends when the client has left, or the request takes too long.</summary>
    public CancellationToken Cancellation => cancellationToken;

    public ServedModel? Model { get; set; }

    public int Texts { get; set; }

    public long Characters { get; set; }

    /// <summary>Prompt tokens of all templates.</summary>
    public long Tokens { get; set; }

    public TimeSpan TokenizationTime { get; set; }

    public TimeSpan QueueTime { get; set; }

    public TimeSpan InferenceTime { get; set; }

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    public Task<JsonBody> ReadBodyAsync() => JsonBody.ReadAsync(http.Request, cancellationToken);
}
