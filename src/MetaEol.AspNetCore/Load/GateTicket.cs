namespace MetaEol.AspNetCore.Load;

/// <summary>A part of a request that waits.</summary>
internal sealed class GateTicket(GateRequest request, long tokens)
{
    public GateRequest Request => request;

    public long Tokens => tokens;

    /// <summary>The place among the client's, so that leaving takes no search. Guarded by the gate's lock.</summary>
    public LinkedListNode<GateTicket>? Place { get; set; }

    // Continuations must not run under the gate's lock.
    public TaskCompletionSource<GatePass> Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
