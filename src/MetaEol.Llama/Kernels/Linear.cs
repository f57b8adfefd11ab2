using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using MetaEol.Llama.Encoding;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Kernels;

/// <summary>One or several projections of the same input, computed as one product: their outputs lie behind one another.</summary>
internal abstract unsafe class Linear : IDisposable
{
    /// <summary>Width of an input row.</summary>
    public required int Inputs { get; init; }

    /// <summary>Width of an output row: the sum over all parts.</summary>
    public required int Outputs { get; init; }

    /// <summary>Creates the product for <paramref name="parts"/>, which all have the same number of columns; a bias is null or as long as its part has rows.</summary>
    public static Linear Create(Precision precision, ReadOnlySpan<WeightMatrix> parts, ReadOnlySpan<float[]?> biases) => Create(precision, parts, biases, VectorWidths.Best);

    /// <summary>Creates the product with kernels of a certain vector width, which this machine must have.</summary>
    internal static Linear Create(Precision precision, ReadOnlySpan<WeightMatrix> parts, ReadOnlySpan<float[]?> biases, VectorWidth width)
    {
        LinearWeights weights = new(parts, biases);
        return precision switch
        {
            Precision.Float32 => CreateFloat32(weights, width),
            Precision.Int8 => CreateInt8(weights, width),
            _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "Known precisions are Float32 and Int8."),
        };
    }

    /// <summary>y[rows × Outputs] = x[rows × Inputs] · Wᵀ + bias, or added to y if <paramref name="accumulate"/>. Strides are in floats. Uses every thread of the pool.</summary>
    /// <remarks>A row's result does not depend on the other rows, on the number of threads or on the vector width. Safe to call from several threads at once.</remarks>
    public abstract void Multiply(WorkerPool pool, float* x, nint xStride, int rows, float* y, nint yStride, bool accumulate);

    public virtual void Dispose()
    {
    }

    private static Linear CreateFloat32(LinearWeights weights, VectorWidth width) => width switch
    {
        VectorWidth.Bits512 => new Float32Linear<Vector512<float>, Simd512>(weights) { Inputs = weights.Inputs, Outputs = weights.Outputs },
        VectorWidth.Bits256 => new Float32Linear<Vector256<float>, Simd256>(weights) { Inputs = weights.Inputs, Outputs = weights.Outputs },
        _ => new Float32Linear<Vector128<float>, Simd128>(weights) { Inputs = weights.Inputs, Outputs = weights.Outputs },
    };

    // The 8-bit dot products of AVX-VNNI beat even 512-bit vectors without them.
    private static Linear CreateInt8(LinearWeights weights, VectorWidth width) => width switch
    {
        VectorWidth.Bits256 or VectorWidth.Bits512 when AvxVnni.IsSupported => new Int8Linear<Vector256<int>, Int8SimdVnni, Vector256<float>, Simd256>(weights) { Inputs = weights.Inputs, Outputs = weights.Outputs },
        VectorWidth.Bits512 => new Int8Linear<Vector512<int>, Int8Simd512, Vector512<float>, Simd512>(weights) { Inputs = weights.Inputs, Outputs = weights.Outputs },
        VectorWidth.Bits256 => new Int8Linear<Vector256<int>, Int8Simd256, Vector256<float>, Simd256>(weights) { Inputs = weights.Inputs, Outputs = weights.Outputs },
        _ when Dp.IsSupported => new Int8Linear<Vector128<int>, Int8SimdArmDot, Vector128<float>, Simd128>(weights) { Inputs = weights.Inputs, Outputs = weights.Outputs },
        _ => new Int8Linear<Vector128<int>, Int8Simd128, Vector128<float>, Simd128>(weights) { Inputs = weights.Inputs, Outputs = weights.Outputs },
    };
}
