using MetaEol.Llama.Kernels;

namespace MetaEol.Llama.Encoders;

/// <summary>Keys and values of a prompt prefix, float32, for the first layers of a model: per layer <c>[tokens × kv width]</c> keys, then as many values.</summary>
internal sealed unsafe class PrefixKeysValues : IDisposable
{
    private readonly FloatBuffer _buffer = new();
    private readonly long _layerLength;

    public PrefixKeysValues(int tokens, int layers, int width)
    {
        _layerLength = (long)tokens * width;
        _buffer.Reserve(2 * layers * _layerLength);
    }

    public static long BytesOf(int tokens, int layers, int width) => 2L * layers * tokens * width * sizeof(float);

    public float* Keys(int layer) => _buffer.Pointer + (2 * layer * _layerLength);

    public float* Values(int layer) => _buffer.Pointer + (((2 * layer) + 1) * _layerLength);

    public void Dispose() => _buffer.Dispose();
}
