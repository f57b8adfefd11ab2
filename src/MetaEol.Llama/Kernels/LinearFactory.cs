using System.Diagnostics.CodeAnalysis;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Kernels.Emitted;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Kernels;

/// <summary>Creates matrix products: which implementation of <see cref="Linear"/> it is follows from the precision and from what the machine has.</summary>
internal sealed class LinearFactory
{
    private readonly Func<LinearWeights, Linear> _create;

    /// <summary>Products of a precision, with the best kernels of this machine.</summary>
    /// <param name="precision">Arithmetic of the products: a certain one, which this machine has.</param>
    /// <param name="emitted">Kernels in machine code, which outlive the products; null does without.</param>
    public LinearFactory(Precision precision, EmittedKernels? emitted = null)
        : this(precision, VectorWidths.Best, emitted)
    {
    }

    /// <summary>Products with kernels of a certain vector width, which this machine must have.</summary>
    /// <param name="precision">Arithmetic of the products: a certain one, which this machine has.</param>
    /// <param name="width">The vector width.</param>
    /// <param name="emitted">Kernels in machine code, which outlive the products; null does without.</param>
    public LinearFactory(Precision precision, VectorWidth width, EmittedKernels? emitted = null) => _create = precision switch
    {
        Precision.Float32 => weights => Float32Job.Create(weights, width),
        Precision.Int8 when emitted is { HasInt8: true } => With(new EmittedInt8Kernel(emitted)),
        Precision.Int8 => With(Int8KernelOf(width)),
        Precision.BFloat16 when emitted is { HasBFloat16: true } => weights => new BFloat16Linear(weights, emitted),
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "There are no products of this precision here."),
    };

    /// <summary>Creates the product for <paramref name="parts"/>, which all have the same number of columns; a bias is null or as long as its part has rows.</summary>
    public Linear Create(ReadOnlySpan<WeightMatrix> parts, ReadOnlySpan<float[]?> biases) => Create(new LinearWeights(parts, biases));

    /// <summary>Creates the product for these weights.</summary>
    public Linear Create(LinearWeights weights) => _create(weights);

    private static Func<LinearWeights, Linear> With(Int8Kernel kernel) => weights => new Int8Linear(weights, kernel);

    // The 8-bit dot products of AVX-VNNI beat even 512-bit vectors without them.
    private static Int8Kernel Int8KernelOf(VectorWidth width) => width switch
    {
        VectorWidth.Bits512 or VectorWidth.Bits256 when AvxVnni.IsSupported => new Int8SimdKernel<Vector256<int>, Int8SimdVnni, Vector256<float>, Simd256>(),
        VectorWidth.Bits512 => new Int8SimdKernel<Vector512<int>, Int8Simd512, Vector512<float>, Simd512>(),
        VectorWidth.Bits256 => new Int8SimdKernel<Vector256<int>, Int8Simd256, Vector256<float>, Simd256>(),
        _ when Dp.IsSupported => new Int8SimdKernel<Vector128<int>, Int8SimdArmDot, Vector128<float>, Simd128>(),
        _ => new Int8SimdKernel<Vector128<int>, Int8Simd128, Vector128<float>, Simd128>(),
    };

    [SuppressMessage("Design", "CA1001", Justification = "The product is handed to the caller, who disposes it.")]
    private struct Float32Job : IVectorJob
    {
        private LinearWeights _weights;
        private Linear _linear;

        public static Linear Create(LinearWeights weights, VectorWidth width)
        {
            var job = new Float32Job { _weights = weights };
            VectorWidths.Run(width, ref job);
            return job._linear;
        }

        public void Run<TVector, TSimd>()
            where TVector : struct
            where TSimd : struct, IVectorMath<TVector> => _linear = new Float32Linear<TVector, TSimd>(_weights);
    }
}
