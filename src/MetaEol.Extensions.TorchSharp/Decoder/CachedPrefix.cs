using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Decoder;

/// <summary>Keys and values of a prefix on the devices, <c>[tokens × kv_heads·head_dim]</c> per layer, keys after the rotary embedding.</summary>
/// <param name="tokens">Number of tokens.</param>
/// <param name="layers">Number of decoder layers, from the first one, that keys and values are held for.</param>
internal sealed class CachedPrefix(int tokens, int layers) : IDisposable
{
    private readonly List<torch.Tensor> _keys = new(layers);
    private readonly List<torch.Tensor> _values = new(layers);

    public int Tokens { get; } = tokens;

    public IReadOnlyList<torch.Tensor> Keys => _keys;

    public IReadOnlyList<torch.Tensor> Values => _values;

    /// <summary>Takes over the next layer's keys and values.</summary>
    public void Append(torch.Tensor keys, torch.Tensor values)
    {
        _keys.Add(keys.DetachFromDisposeScope());
        _values.Add(values.DetachFromDisposeScope());
    }

    public void Dispose()
    {
        foreach (torch.Tensor tensor in _keys.Concat(_values))
        {
            tensor.Dispose();
        }

        _keys.Clear();
        _values.Clear();
    }
}
