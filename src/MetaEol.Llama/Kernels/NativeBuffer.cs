using System.Runtime.InteropServices;

namespace MetaEol.Llama.Kernels;

/// <summary>Native memory aligned to a cache line.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    public NativeBuffer(nuint bytes)
    {
        Data = (byte*)NativeMemory.AlignedAlloc(bytes, 64);
        Bytes = bytes;
        GC.AddMemoryPressure((long)bytes);
    }

    ~NativeBuffer() => Free();

    /// <summary>First byte.</summary>
    public byte* Data { get; private set; }

    /// <summary>Length.</summary>
    public nuint Bytes { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (Data != null)
        {
            NativeMemory.AlignedFree(Data);
            GC.RemoveMemoryPressure((long)Bytes);
            Data = null;
            Bytes = 0;
        }
    }
}
