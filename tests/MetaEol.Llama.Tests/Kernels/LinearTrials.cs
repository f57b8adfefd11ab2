using MetaEol.Llama.Kernels;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Tests.Kernels;

/// <summary>Holds a product against its reference, bit by bit, on random shapes: odd sizes, strides, several parts, biases, accumulation.</summary>
internal static unsafe class LinearTrials
{
    public delegate void Reference(LinearWeights weights, float* x, nint xStride, int rows, float* y, nint yStride, bool accumulate);

    public static void Run(Random random, WeightType type, int trials, Func<LinearWeights, Linear> create, Reference reference)
    {
        using WorkerPool pool = new(3);
        for (int trial = 0; trial < trials; trial++)
        {
            int inputs = trial % 3 == 0 ? 32 * random.Next(1, 30) : random.Next(1, 900);
            int rows = trial % 4 == 0 ? random.Next(1, 200) : random.Next(1, 20);
            int partCount = random.Next(1, 4);
            TestMatrix[] matrices = new TestMatrix[partCount];
            float[]?[] biases = new float[]?[partCount];
            for (int i = 0; i < partCount; i++)
            {
                int outputs = trial % 5 == 0 ? 16 * random.Next(1, 8) : random.Next(1, 120);
                WeightType partType = trial % 7 == 6 ? (WeightType)random.Next(3) : type;
                matrices[i] = new TestMatrix(partType, outputs, inputs, (_, _) => random.NextSingle() - 0.5f);
                biases[i] = random.Next(2) == 0 ? null : Numbers(random, outputs);
            }

            Check(random, pool, rows, matrices, biases, create, reference, $"trial {trial}");
            Array.ForEach(matrices, m => m.Dispose());
        }
    }

    /// <summary>One shape, in a single part.</summary>
    public static void RunOne(Random random, int rows, int inputs, int outputs, Func<LinearWeights, Linear> create, Reference reference)
    {
        using WorkerPool pool = new(2);
        using var matrix = new TestMatrix(WeightType.BFloat16, outputs, inputs, (_, _) => random.NextSingle() - 0.5f);
        Check(random, pool, rows, [matrix], [Numbers(random, outputs)], create, reference, "one shape");
    }

    public static float[] Numbers(Random random, int count)
    {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++)
        {
            numbers[i] = (random.NextSingle() * 2) - 1;
        }

        return numbers;
    }

    // Inputs and outputs end where memory may no longer be touched, and so do the weights.
    private static void Check(Random random, WorkerPool pool, int rows, TestMatrix[] matrices, float[]?[] biases, Func<LinearWeights, Linear> create, Reference reference, string what)
    {
        WeightMatrix[] parts = [.. matrices.Select(m => m.Matrix)];
        LinearWeights weights = new(parts, biases);
        using Linear linear = create(weights);
        Assert.Equal(weights.Outputs, linear.Outputs);
        int xStride = weights.Inputs + random.Next(5);
        int yStride = linear.Outputs + random.Next(5);
        bool accumulate = random.Next(2) == 0;
        float[] expected = Numbers(random, ((rows - 1) * yStride) + weights.Outputs);
        using GuardedMemory x = GuardedMemory.Of<float>(Numbers(random, ((rows - 1) * xStride) + weights.Inputs)), y = GuardedMemory.Of<float>(expected);
        fixed (float* pe = expected)
        {
            reference(weights, (float*)x.Data, xStride, rows, pe, yStride, accumulate);
        }

        linear.Multiply(pool, (float*)x.Data, xStride, rows, (float*)y.Data, yStride, accumulate);
        Span<float> actual = y.AsSpan<float>(expected.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i]), $"{what}, inputs {weights.Inputs}, outputs {linear.Outputs}, rows {rows}, number {i}: {actual[i]} instead of {expected[i]}");
        }
    }
}
