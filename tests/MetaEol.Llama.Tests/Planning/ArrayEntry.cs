namespace MetaEol.Llama.Tests.Planning;

/// <summary>An entry of <see cref="ArrayStore"/>: per layer, a number for each token.</summary>
internal sealed class ArrayEntry(ArrayStore store, int tokens, int layers) : IDisposable
{
    public double[][] Layers { get; } = [.. Enumerable.Range(0, layers).Select(_ => new double[tokens])];

    public bool IsDisposed { get; private set; }

    public void Dispose()
    {
        Assert.False(IsDisposed);
        IsDisposed = true;
        store.Live--;
    }
}
