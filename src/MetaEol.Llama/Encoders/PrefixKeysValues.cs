using MetaEol.Llama.Kernels;

namespace MetaEol.Llama.Encoders;

/// <summary>Keys and values of a prompt prefix, float32, for the first layers of a model: per layer <c>[tokens × kv width]</c> keys, then as many values.</summary>
internal sealed unsafe class PrefixKeysValues : IDisposable
{
    private readonly FloatBuffer? _buffer;
    private readonly float* _data;
    private readonly long _layerLength;

    public PrefixKeysValues(int tokens, int layers, int width)
    {
        _layerLength = (long)tokens * width;
        _buffer = new FloatBuffer();
        _data = _buffer.Reserve(2 * layers * _layerLength);
    }

    /// <summary>Those of a file, which this owns.</summary>
    public PrefixKeysValues(PrefixFile file, int width)
    {
        _layerLength = (long)file.Tokens.Count * width;
        File = file;
        _data = file.Data;
    }

    /// <summary>The file that holds them; null where they are in memory.</summary>
    public PrefixFile? File { get; }

    public static long BytesOf(int tokens, int layers, int width) => 2L * layers * tokens * width * sizeof(float);

    public float* Keys(int layer) => _data + (2 * layer * _layerLength);

    public float* Values(int layer) => _data + (((2 * layer) + 1) * _layerLength);

    public void Dispose()
    {
        _buffer?.Dispose();
        File?.Dispose();
    }
}
