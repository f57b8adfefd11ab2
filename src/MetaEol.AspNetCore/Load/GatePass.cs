namespace MetaEol.AspNetCore.Load;

/// <summary>A part of a request that runs; disposed when it is done.</summary>
internal sealed class GatePass(FairGate gate, long tokens) : IDisposable
{
    private int _left;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _left, 1) == 0)
        {
            gate.Exit(tokens);
        }
    }
}
