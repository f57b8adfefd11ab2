namespace MetaEol.Llama.Kernels;

/// <summary>What packing weights needs of a vector width beside <see cref="ISimd{TVector}"/>.</summary>
/// <typeparam name="TVector">A hardware vector of float32.</typeparam>
internal unsafe interface IPackingSimd<TVector> : ISimd<TVector>
    where TVector : struct
{
    /// <summary>The bfloat16 in the lower half of each lane.</summary>
    static abstract TVector LowerBFloat16(TVector pairs);

    /// <summary>The bfloat16 in the upper half of each lane.</summary>
    static abstract TVector UpperBFloat16(TVector pairs);

    /// <summary>The binary16 in the lower half of each lane.</summary>
    static abstract TVector LowerFloat16(TVector pairs);

    /// <summary>The binary16 in the upper half of each lane.</summary>
    static abstract TVector UpperFloat16(TVector pairs);

    /// <summary>Transposes a square block of 32-bit units, as many rows as lanes: rows <paramref name="sourceStride"/> bytes apart become rows <paramref name="destinationStride"/> floats apart.</summary>
    static abstract void Transpose(byte* source, nint sourceStride, float* destination, nint destinationStride);

    /// <summary>Asks for a cache line that is read soon; does nothing where there is no such instruction.</summary>
    static abstract void Prefetch(byte* address);
}
