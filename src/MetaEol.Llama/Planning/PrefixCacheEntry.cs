using MetaEol.Llama.Kernels;

namespace MetaEol.Llama.Planning;

/// <summary>Keys and values of a prompt prefix, float32, for the first layers of a model: per layer <c>[tokens × kv width]</c> keys, then as many values.</summary>
internal sealed unsafe class PrefixCacheEntry : IDisposable
{
    private readonly int _keyValueWidth;
    private readonly FloatBuffer _buffer = new();
    private readonly long _layerLength;

    public PrefixCacheEntry(int id, int[] tokens, int layers, int keyValueWidth)
    {
        Id = id;
        Tokens = tokens;
        _keyValueWidth = keyValueWidth;
        Layers = layers;
        _layerLength = (long)tokens.Length * keyValueWidth;
        _buffer.Reserve(2 * layers * _layerLength);
    }

    /// <summary>Names the entry in a plan.</summary>
    public int Id { get; }

    public int[] Tokens { get; }

    /// <summary>Number of layers, from the first, whose keys and values are held.</summary>
    public int Layers { get; }

    public long Bytes => BytesOf(Tokens.Length, Layers, _keyValueWidth);

    /// <summary>The call that last used the entry.</summary>
    public long LastUsed { get; set; }

    public static long BytesOf(int tokens, int layers, int keyValueWidth) => 2L * layers * tokens * keyValueWidth * sizeof(float);

    public float* Keys(int layer) => _buffer.Pointer + (2 * layer * _layerLength);

    public float* Values(int layer) => _buffer.Pointer + (((2 * layer) + 1) * _layerLength);

    public void Dispose() => _buffer.Dispose();
}
