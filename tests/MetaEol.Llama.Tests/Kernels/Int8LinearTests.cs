using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Kernels;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Tests.Kernels;

public unsafe class Int8LinearTests
{
    [SkippableTheory]
    [MemberData(nameof(Float32LinearTests.WidthsAndTypes), MemberType = typeof(Float32LinearTests))]
    public void Multiply_RandomShapes_EqualsReferenceBitByBit(int width, WeightType type)
    {
        Skip.IfNot(VectorWidths.IsSupported((VectorWidth)width), $"This machine has no {(VectorWidth)width} vectors.");
        LinearTrials.Run(new Random(200 + width + (int)type), type, trials: 25, weights => new LinearFactory(Precision.Int8, (VectorWidth)width).Create(weights), MatrixProduct.ReferenceInt8);
    }

    [SkippableTheory]
    [InlineData((int)VectorWidth.Bits128)]
    [InlineData((int)VectorWidth.Bits256)]
    [InlineData((int)VectorWidth.Bits512)]
    public void Multiply_StoredInEightBits_EqualsReferenceBitByBit(int width)
    {
        Skip.IfNot(VectorWidths.IsSupported((VectorWidth)width), $"This machine has no {(VectorWidth)width} vectors.");
        RunStored(new Random(600 + width), weights => new LinearFactory(Precision.Int8, (VectorWidth)width).Create(weights));
    }

    [Fact]
    public void Multiply_StoredInEightBitsForOtherInstructions_EqualsReferenceBitByBit()
    {
        RunStored(new Random(700), NewLinear<Vector256<int>, EmulatedVnni, Vector256<float>, Simd256>);
        RunStored(new Random(701), NewLinear<Vector128<int>, EmulatedArmDot, Vector128<float>, Simd128>);
        RunStored(new Random(702), NewLinear<Vector128<int>, Int8Simd128, Vector128<float>, Simd128>);
    }

    [Fact]
    public void Multiply_UnsignedWeights_EqualsReferenceBitByBit() =>
        LinearTrials.Run(new Random(300), WeightType.BFloat16, trials: 8, NewLinear<Vector256<int>, EmulatedVnni, Vector256<float>, Simd256>, MatrixProduct.ReferenceInt8);

    [Fact]
    public void Multiply_SignedQuadruples_EqualsReferenceBitByBit() =>
        LinearTrials.Run(new Random(400), WeightType.BFloat16, trials: 8, NewLinear<Vector128<int>, EmulatedArmDot, Vector128<float>, Simd128>, MatrixProduct.ReferenceInt8);

    [SkippableFact]
    public void Multiply_AvxVnni_EqualsReferenceBitByBit()
    {
        Skip.IfNot(AvxVnni.IsSupported, "This machine has no AVX-VNNI.");
        LinearTrials.Run(new Random(500), WeightType.BFloat16, trials: 25, NewLinear<Vector256<int>, Int8SimdVnni, Vector256<float>, Simd256>, MatrixProduct.ReferenceInt8);
    }

    [Theory]
    [InlineData(0f, 0.0098)]
    [InlineData(30f, 0.023)]
    public void Multiply_GaussianWithOutlierColumns_IsCloseToFloat32(float outlier, double tolerance)
    {
        const int Inputs = 576, Outputs = 300, Rows = 40;
        Random random = new(11);
        using TestMatrix matrix = new(WeightType.Float32, Outputs, Inputs, (_, _) => Gaussian(random) * 0.04f);
        float[] x = new float[Rows * Inputs];
        for (int i = 0; i < x.Length; i++)
        {
            x[i] = Gaussian(random) * (outlier != 0 && i % Inputs == 77 ? outlier : 1);
        }

        using WorkerPool pool = new(2);
        float[] exact = Multiply(Precision.Float32, matrix, x, Rows, pool);
        float[] quantized = Multiply(Precision.Int8, matrix, x, Rows, pool);
        Assert.InRange(RelativeError(exact, quantized), 1e-4, tolerance);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Multiply_InputNotFinite_MakesItsRowNotFiniteAndNoOther(float bad)
    {
        const int Inputs = 300, Outputs = 50, Rows = 9;
        Random random = new(12);
        using TestMatrix matrix = new(WeightType.Float32, Outputs, Inputs, (_, _) => Gaussian(random));
        float[] x = LinearTrials.Numbers(random, Rows * Inputs);
        x[(4 * Inputs) + 200] = bad;
        using WorkerPool pool = new(2);
        float[] y = Multiply(Precision.Int8, matrix, x, Rows, pool);
        for (int i = 0; i < y.Length; i++)
        {
            Assert.Equal(i / Outputs != 4, float.IsFinite(y[i]));
        }
    }

    [Fact]
    public void Multiply_ZeroAndTinyRows_GiveZero()
    {
        const int Inputs = 40, Outputs = 10;
        using TestMatrix matrix = new(WeightType.Float32, Outputs, Inputs, (row, _) => row);
        float[] x = new float[2 * Inputs];
        x[Inputs] = 1e-40f;
        using WorkerPool pool = new(1);
        Assert.All(Multiply(Precision.Int8, matrix, x, 2, pool), value => Assert.Equal(0f, value));
    }

    [Fact]
    public void Multiply_RowAloneOrInBatch_IsTheSameBits()
    {
        const int Inputs = 500, Outputs = 200, Rows = 45;
        Random random = new(13);
        using TestMatrix matrix = new(WeightType.BFloat16, Outputs, Inputs, (_, _) => Gaussian(random));
        float[] x = LinearTrials.Numbers(random, Rows * Inputs);
        using WorkerPool pool = new(3);
        float[] together = Multiply(Precision.Int8, matrix, x, Rows, pool);
        for (int row = 0; row < Rows; row++)
        {
            Assert.Equal(together[(row * Outputs)..((row + 1) * Outputs)], Multiply(Precision.Int8, matrix, x[(row * Inputs)..((row + 1) * Inputs)], 1, pool));
        }
    }

    [Fact]
    public void Multiply_FirstCallsAtOnce_QuantizeOnceAndAgree()
    {
        const int Inputs = 128, Outputs = 96, Rows = 3;
        Random random = new(14);
        using TestMatrix matrix = new(WeightType.BFloat16, Outputs, Inputs, (_, _) => Gaussian(random));
        float[] x = LinearTrials.Numbers(random, Rows * Inputs);
        using WorkerPool pool = new(2);
        float[] expected = Multiply(Precision.Int8, matrix, x, Rows, pool);
        using Linear linear = new LinearFactory(Precision.Int8).Create([matrix.Matrix], [null]);
        Parallel.For(0, 100, _ =>
        {
            float[] y = new float[Rows * Outputs];
            fixed (float* px = x, py = y)
            {
                linear.Multiply(pool, px, Inputs, Rows, py, Outputs, false);
            }

            Assert.Equal(expected, y);
        });
    }

    [Fact]
    public void Multiply_AfterDispose_Throws()
    {
        using TestMatrix matrix = new(WeightType.Float32, 4, 4, (_, _) => 1);
        using WorkerPool pool = new(1);
        Linear linear = new LinearFactory(Precision.Int8).Create([matrix.Matrix], [null]);
        linear.Dispose();
        linear.Dispose();
        float[] x = new float[4];
        float[] y = new float[4];
        Assert.Throws<ObjectDisposedException>(() =>
        {
            fixed (float* px = x, py = y)
            {
                linear.Multiply(pool, px, 4, 1, py, 4, false);
            }
        });
    }

    // The stored numbers lie before a page that nobody may touch.
    private static void RunStored(Random random, Func<LinearWeights, Linear> create)
    {
        List<GuardedMemory> stored = [];
        LinearTrials.Run(
            random,
            WeightType.Float16,
            trials: 8,
            weights => create(new LinearWeights([.. weights.Parts.Select(part => Store(part, stored))], [.. weights.Parts.Select((part, i) => weights.Bias?.AsSpan(weights.FirstRows[i], part.Rows).ToArray())])),
            MatrixProduct.ReferenceInt8);
        stored.ForEach(memory => memory.Dispose());
    }

    private static WeightMatrix Store(WeightMatrix matrix, List<GuardedMemory> stored)
    {
        int panels = Int8Layout.Panels(matrix.Rows);
        GuardedMemory numbers = new(panels * (int)Int8Layout.PanelBytes(matrix.Columns)), scales = new(panels * (int)Int8Layout.PanelScales(matrix.Columns) * sizeof(float));
        stored.AddRange([numbers, scales]);
        for (int panel = 0; panel < panels; panel++)
        {
            Int8Packer.PackPanel(matrix, panel, numbers.Data + (panel * Int8Layout.PanelBytes(matrix.Columns)), (float*)scales.Data + (panel * Int8Layout.PanelScales(matrix.Columns)));
        }

        return new WeightMatrix(numbers.Data, (float*)scales.Data, matrix.Rows, matrix.Columns);
    }

    private static Int8Linear NewLinear<TVector, TInt8, TFloat, TSimd>(LinearWeights weights)
        where TVector : struct
        where TInt8 : struct, IInt8Simd<TVector, TFloat>
        where TFloat : struct
        where TSimd : struct, ISimd<TFloat> => new(weights, new Int8SimdKernel<TVector, TInt8, TFloat, TSimd>());

    private static float[] Multiply(Precision precision, TestMatrix matrix, float[] x, int rows, WorkerPool pool)
    {
        using Linear linear = new LinearFactory(precision).Create([matrix.Matrix], [null]);
        float[] y = new float[rows * linear.Outputs];
        fixed (float* px = x, py = y)
        {
            linear.Multiply(pool, px, linear.Inputs, rows, py, linear.Outputs, false);
        }

        return y;
    }

    private static double RelativeError(float[] exact, float[] actual)
    {
        double error = exact.Zip(actual, (a, b) => Math.Pow(a - b, 2)).Sum();
        return Math.Sqrt(error / exact.Sum(a => Math.Pow(a, 2)));
    }

    private static float Gaussian(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
