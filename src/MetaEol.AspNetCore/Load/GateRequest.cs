namespace MetaEol.AspNetCore.Load;

/// <summary>A request that was taken. Disposing it gives back what of its tokens was never let in.</summary>
internal sealed class GateRequest(FairGate gate, string client, long tokens) : IDisposable
{
    public string Client => client;

    /// <summary>Tokens that were not let in yet. Guarded by the gate's lock.</summary>
    public long NotStarted { get; set; } = tokens;

    /// <summary>Waits until a part may run. A caller that cancels leaves at once.</summary>
    /// <param name="tokens">The part's tokens.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>To be disposed when the part is done.</returns>
    public ValueTask<GatePass> EnterAsync(long tokens, CancellationToken cancellationToken) => gate.EnterAsync(this, tokens, cancellationToken);

    public void Dispose() => gate.Close(this);
}
