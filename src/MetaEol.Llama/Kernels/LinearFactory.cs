using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using MetaEol.Llama.Encoding;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Kernels;

/// <summary>Creates matrix products: which implementation of <see cref="Linear"/> it is follows from the precision and from what the machine has.</summary>
internal sealed class LinearFactory
{
    private readonly Precision _precision;
    private readonly VectorWidth _width;

    /// <summary>Products of a precision, with the best kernels of this machine.</summary>
    /// <param name="precision">Arithmetic of the products.</param>
    public LinearFactory(Precision precision)
        : this(precision, VectorWidths.Best)
    {
    }

    /// <summary>Products with kernels of a certain vector width, which this machine must have.</summary>
    /// <param name="precision">Arithmetic of the products.</param>
    /// <param name="width">The vector width.</param>
    public LinearFactory(Precision precision, VectorWidth width)
    {
        if (!Enum.IsDefined(precision))
        {
            throw new ArgumentOutOfRangeException(nameof(precision), precision, $"Known precisions are {string.Join(", ", Enum.GetNames<Precision>())}.");
        }

        _precision = precision;
        _width = width;
    }

    /// <summary>Creates the product for <paramref name="parts"/>, which all have the same number of columns; a bias is null or as long as its part has rows.</summary>
    public Linear Create(ReadOnlySpan<WeightMatrix> parts, ReadOnlySpan<float[]?> biases) => Create(new LinearWeights(parts, biases));

    /// <summary>Creates the product for these weights.</summary>
    public Linear Create(LinearWeights weights)
    {
        // The 8-bit dot products of AVX-VNNI beat even 512-bit vectors without them.
        if (_precision == Precision.Int8 && _width >= VectorWidth.Bits256 && AvxVnni.IsSupported)
        {
            return new Int8Linear<Vector256<int>, Int8SimdVnni, Vector256<float>, Simd256>(weights);
        }

        if (_precision == Precision.Int8 && _width == VectorWidth.Bits128 && Dp.IsSupported)
        {
            return new Int8Linear<Vector128<int>, Int8SimdArmDot, Vector128<float>, Simd128>(weights);
        }

        return (_precision, _width) switch
        {
            (Precision.Int8, VectorWidth.Bits512) => new Int8Linear<Vector512<int>, Int8Simd512, Vector512<float>, Simd512>(weights),
            (Precision.Int8, VectorWidth.Bits256) => new Int8Linear<Vector256<int>, Int8Simd256, Vector256<float>, Simd256>(weights),
            (Precision.Int8, _) => new Int8Linear<Vector128<int>, Int8Simd128, Vector128<float>, Simd128>(weights),
            _ => Float32Job.Create(weights, _width),
        };
    }

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
