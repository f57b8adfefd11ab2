namespace MetaEol.Llama.Kernels;

/// <summary>The vector widths the kernels are built for.</summary>
internal enum VectorWidth
{
    /// <summary>128 bits: Arm Neon, and the fallback everywhere.</summary>
    Bits128,

    /// <summary>256 bits: AVX2 with FMA.</summary>
    Bits256,

    /// <summary>512 bits: AVX-512 F and BW.</summary>
    Bits512,
}
