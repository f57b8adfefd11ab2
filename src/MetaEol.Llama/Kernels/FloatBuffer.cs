using System.Runtime.InteropServices;

namespace MetaEol.Llama.Kernels;

/// <summary>Native float32 memory, aligned to cache lines, that grows on demand; its content is undefined after growing.</summary>
internal sealed unsafe class FloatBuffer : IDisposable
{
    private const nuint Alignment = 64;

    public FloatBuffer()
    {
    }

    public FloatBuffer(long length) => Reserve(length);

    ~FloatBuffer() => Free();

    public float* Pointer { get; private set; }

    public long Capacity { get; private set; }

    /// <summary>The buffer's start, with room for at least <paramref name="length"/> floats.</summary>
    public float* Reserve(long length)
    {
        if (length > Capacity)
        {
            Free();
            Pointer = (float*)NativeMemory.AlignedAlloc(checked((nuint)length * sizeof(float)), Alignment);
            Capacity = length;
        }

        return Pointer;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
        Capacity = 0;
    }
}
