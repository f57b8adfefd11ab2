using System.Runtime.Intrinsics.X86;

namespace MetaEol.Llama.Kernels;

/// <summary>Which <see cref="VectorWidth"/> this machine has.</summary>
internal static class VectorWidths
{
    /// <summary>The widest supported one.</summary>
    public static VectorWidth Best { get; } = IsSupported(VectorWidth.Bits512) ? VectorWidth.Bits512 : IsSupported(VectorWidth.Bits256) ? VectorWidth.Bits256 : VectorWidth.Bits128;

    /// <summary>Whether the kernels of this width run here.</summary>
    public static bool IsSupported(VectorWidth width) => width switch
    {
        VectorWidth.Bits512 => Avx512BW.IsSupported,
        VectorWidth.Bits256 => Avx2.IsSupported && Fma.IsSupported,
        _ => true,
    };
}
