namespace MetaEol.Llama.Kernels;

/// <summary>Native float32 memory that grows on demand; its content is undefined after growing.</summary>
internal sealed unsafe class FloatBuffer : IDisposable
{
    private NativeBuffer? _memory;

    /// <summary>First number; null before memory was asked for.</summary>
    public float* Pointer => _memory is null ? null : (float*)_memory.Data;

    /// <summary>The buffer's start, with room for at least <paramref name="length"/> numbers.</summary>
    public float* Reserve(long length)
    {
        nuint bytes = checked((nuint)length * sizeof(float));
        if (_memory is null || bytes > _memory.Bytes)
        {
            _memory?.Dispose();
            _memory = null;
            _memory = new NativeBuffer(bytes);
        }

        return Pointer;
    }

    public void Dispose()
    {
        _memory?.Dispose();
        _memory = null;
    }
}
