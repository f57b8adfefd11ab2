namespace MetaEol.Llama.Weights;

/// <summary>One share in mapped weights; given back once, however often it is disposed.</summary>
internal sealed class WeightLease(LlamaWeights weights) : IDisposable
{
    private LlamaWeights? _weights = weights;

    public void Dispose() => Interlocked.Exchange(ref _weights, null)?.ReleaseShare();
}
