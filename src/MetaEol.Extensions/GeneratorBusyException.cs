using System.Globalization;

namespace MetaEol.Extensions;

/// <summary>A request was refused because too much waits for the encoder already: try again later, or send less at a time.</summary>
public sealed class GeneratorBusyException : InvalidOperationException
{
    internal GeneratorBusyException(int waitingRequests, long waitingTokens, long maxWaitingTokens)
        : base(string.Create(
            CultureInfo.InvariantCulture,
            $"{waitingRequests} requests with {waitingTokens} prompt tokens wait for the encoder; {nameof(MetaEolOptions.MaxWaitingTokens)} allows {maxWaitingTokens}. Try again later, send fewer requests at a time, or raise the limit."))
    {
        WaitingRequests = waitingRequests;
        WaitingTokens = waitingTokens;
        MaxWaitingTokens = maxWaitingTokens;
    }

    /// <summary>Number of requests that waited.</summary>
    public int WaitingRequests { get; }

    /// <summary>Their prompt tokens, those of all templates.</summary>
    public long WaitingTokens { get; }

    /// <summary><see cref="MetaEolOptions.MaxWaitingTokens"/>.</summary>
    public long MaxWaitingTokens { get; }
}
