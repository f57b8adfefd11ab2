using MetaEol.Llama.Encoders;
using MetaEol.Llama.Kernels;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Tests.Kernels;

public unsafe class Float32LinearTests
{
    public static TheoryData<int, WeightType> WidthsAndTypes()
    {
        TheoryData<int, WeightType> data = [];
        foreach (VectorWidth width in Enum.GetValues<VectorWidth>())
        {
            foreach (WeightType type in (WeightType[])[WeightType.Float32, WeightType.Float16, WeightType.BFloat16])
            {
                data.Add((int)width, type);
            }
        }

        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(WidthsAndTypes))]
    public void Multiply_RandomShapes_EqualsReferenceBitByBit(int width, WeightType type)
    {
        Skip.IfNot(VectorWidths.IsSupported((VectorWidth)width), $"This machine has no {(VectorWidth)width} vectors.");
        LinearTrials.Run(new Random(100 + width + (int)type), type, trials: 60, weights => new LinearFactory(Precision.Float32, (VectorWidth)width).Create(weights), MatrixProduct.Reference);
    }

    [SkippableTheory]
    [MemberData(nameof(WidthsAndTypes))]
    public void Multiply_OneHotInput_GivesEveryWeightExactly(int width, WeightType type)
    {
        Skip.IfNot(VectorWidths.IsSupported((VectorWidth)width), $"This machine has no {(VectorWidth)width} vectors.");
        float[] special =
        [
            0f, -0f, 1f, -1.5f, 65504f, -65504f, 6.103515625e-05f, 6.097555e-05f, 5.9604645e-08f, -5.9604645e-08f, 3.0517578e-05f,
            float.PositiveInfinity, float.NegativeInfinity, float.NaN, 0.333251953125f, -2.3841858e-07f,
        ];
        const int Size = 64;
        using WorkerPool pool = new(1);
        using TestMatrix matrix = new(type, Size, Size, (row, column) => row == column ? special[row % special.Length] : 0);
        using Linear linear = new LinearFactory(Precision.Float32, (VectorWidth)width).Create([matrix.Matrix], [null]);
        float[] x = new float[Size];
        float[] y = new float[Size];
        for (int i = 0; i < Size; i++)
        {
            Array.Clear(x);
            x[i] = 1;
            fixed (float* px = x, py = y)
            {
                linear.Multiply(pool, px, Size, 1, py, Size, false);
            }

            float expected = WeightReader.Read(matrix.Matrix, i, i);
            if (type != WeightType.BFloat16)
            {
                Assert.Equal(special[i % special.Length], expected);
            }

            Assert.Equal(expected, y[i]);
        }
    }

    [Fact]
    public void Multiply_RowAloneOrInBatchOnAnyThreads_IsTheSameBits()
    {
        const int Inputs = 500, Outputs = 200, Rows = 77;
        Random random = new(7);
        using TestMatrix matrix = new(WeightType.BFloat16, Outputs, Inputs, (_, _) => random.NextSingle() - 0.5f);
        using Linear linear = new LinearFactory(Precision.Float32).Create([matrix.Matrix], [null]);
        float[] x = LinearTrials.Numbers(random, Rows * Inputs);
        float[] together = new float[Rows * Outputs];
        float[] alone = new float[Rows * Outputs];
        using WorkerPool one = new(1);
        using WorkerPool four = new(4);
        fixed (float* px = x, pt = together, pa = alone)
        {
            linear.Multiply(four, px, Inputs, Rows, pt, Outputs, false);
            for (int row = 0; row < Rows; row++)
            {
                linear.Multiply(one, px + (row * Inputs), Inputs, 1, pa + (row * Outputs), Outputs, false);
            }
        }

        Assert.Equal(alone, together);
    }

    [Fact]
    public void Multiply_ManyCallersAtOnce_EachGetsItsOwnResult()
    {
        const int Inputs = 96, Outputs = 96, Rows = 5;
        Random random = new(8);
        using TestMatrix matrix = new(WeightType.Float32, Outputs, Inputs, (row, column) => row == column ? 2 : 0);
        using Linear linear = new LinearFactory(Precision.Float32).Create([matrix.Matrix], [null]);
        using WorkerPool pool = new(2);
        Parallel.For(0, 200, i =>
        {
            float[] x = new float[Rows * Inputs];
            float[] y = new float[Rows * Outputs];
            Array.Fill(x, i);
            fixed (float* px = x, py = y)
            {
                linear.Multiply(pool, px, Inputs, Rows, py, Outputs, false);
            }

            Assert.All(y, value => Assert.Equal(2f * i, value));
        });
    }

    [Fact]
    public void Multiply_Repeated_AllocatesNothing()
    {
        const int Inputs = 64, Outputs = 100, Rows = 9;
        using TestMatrix matrix = new(WeightType.Float16, Outputs, Inputs, (_, _) => 1);
        using Linear linear = new LinearFactory(Precision.Float32).Create([matrix.Matrix], [null]);
        using WorkerPool pool = new(2);
        float[] x = new float[Rows * Inputs];
        float[] y = new float[Rows * Outputs];
        fixed (float* px = x, py = y)
        {
            linear.Multiply(pool, px, Inputs, Rows, py, Outputs, false);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                linear.Multiply(pool, px, Inputs, Rows, py, Outputs, false);
            }

            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        }
    }

    [Fact]
    public void Create_PartsOfDifferentWidth_Throws()
    {
        using TestMatrix wide = new(WeightType.Float32, 4, 8, (_, _) => 1);
        using TestMatrix narrow = new(WeightType.Float32, 4, 7, (_, _) => 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinearFactory(Precision.Float32).Create([wide.Matrix, narrow.Matrix], [null, null]));
    }
}
