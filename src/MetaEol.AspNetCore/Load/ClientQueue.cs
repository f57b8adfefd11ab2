namespace MetaEol.AspNetCore.Load;

/// <summary>What waits of one client. Guarded by the gate's lock.</summary>
internal sealed class ClientQueue
{
    public LinkedList<GateTicket> Tickets { get; } = new();

    /// <summary>Tokens that the client was let in with since it began to wait, from where the others were then. The one with the fewest is next.</summary>
    public long Served { get; set; }
}
