namespace MetaEol.AspNetCore.Requests;

/// <summary>A request that is not answered, and why.</summary>
internal sealed class RequestFailureException : Exception
{
    /// <param name="kind">Why.</param>
    /// <param name="message">One sentence for the client.</param>
    /// <param name="field">The field that is wrong, or null.</param>
    /// <param name="inner">What it came from, or null.</param>
    public RequestFailureException(FailureKind kind, string message, string? field = null, Exception? inner = null)
        : base(message, inner)
    {
        Kind = kind;
        Field = field;
    }

    public FailureKind Kind { get; }

    public string? Field { get; }

    /// <summary>Seconds after which the client may try again; null says nothing.</summary>
    public int? RetryAfterSeconds { get; init; }
}
