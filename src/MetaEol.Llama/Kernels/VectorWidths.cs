using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MetaEol.Llama.Kernels;

/// <summary>Which <see cref="VectorWidth"/> this machine has, and the one place where kernels are dispatched over them.</summary>
internal static class VectorWidths
{
    /// <summary>The widest supported one.</summary>
    public static VectorWidth Best
    {
        // Known to the JIT: of a dispatch over it, only the branch that is taken is compiled.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => IsSupported(VectorWidth.Bits512) ? VectorWidth.Bits512 : IsSupported(VectorWidth.Bits256) ? VectorWidth.Bits256 : VectorWidth.Bits128;
    }

    /// <summary>Whether the kernels of this width run here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsSupported(VectorWidth width) => width switch
    {
        VectorWidth.Bits512 => Avx512BW.IsSupported,
        VectorWidth.Bits256 => Avx2.IsSupported && Fma.IsSupported,
        _ => true,
    };

    /// <summary>Does a job with vectors of this width, which this machine must have.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TJob>(VectorWidth width, ref TJob job)
        where TJob : struct, IVectorJob, allows ref struct
    {
        switch (width)
        {
            case VectorWidth.Bits512:
                job.Run<Vector512<float>, Simd512>();
                break;
            case VectorWidth.Bits256:
                job.Run<Vector256<float>, Simd256>();
                break;
            default:
                job.Run<Vector128<float>, Simd128>();
                break;
        }
    }
}
