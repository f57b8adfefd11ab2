using MetaEol.Llama.Filtering;
using MetaEol.Llama.Kernels;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Tests.Filtering;

public unsafe class GramMatrixTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 5)]
    [InlineData(256, 12)]
    [InlineData(257, 13)]
    [InlineData(300, 100)]
    [InlineData(700, 47)]
    public void Compute_AnyShape_EqualsThePlainSum(int rows, int columns)
    {
        var random = new Random(rows);
        float[] values = [.. Enumerable.Range(0, rows * columns).Select(_ => (float)(random.NextDouble() - 0.5))];
        fixed (float* data = values)
        {
            var matrix = new WeightMatrix((byte*)data, WeightType.Float32, rows, columns);
            double[] one = Compute(matrix, threads: 1);
            for (int i = 0; i < columns; i++)
            {
                for (int j = 0; j < columns; j++)
                {
                    double expected = 0;
                    for (int row = 0; row < rows; row++)
                    {
                        expected += (double)values[(row * columns) + i] * values[(row * columns) + j];
                    }

                    Assert.Equal(expected, one[(i * columns) + j], 1e-13 * rows);
                }
            }

            Assert.Equal(one, Compute(matrix, threads: 3));
        }
    }

    [Fact]
    public void Compute_SmallBesideLarge_KeepsWhatFloat32Loses()
    {
        // 1 + 1e-9 and 1 are the same float32, and so are their squares.
        float[] values = [1, 1, 0, 1e-5f];
        fixed (float* data = values)
        {
            double[] gram = Compute(new WeightMatrix((byte*)data, WeightType.Float32, 2, 2), threads: 1);
            Assert.Equal([1, 1, 1, 1 + ((double)1e-5f * 1e-5f)], gram);
        }
    }

    [Fact]
    public void Compute_Cancelled_EndsBetweenBlocks()
    {
        float[] values = new float[1000];
        fixed (float* data = values)
        {
            var matrix = new WeightMatrix((byte*)data, WeightType.Float32, 1000, 1);
            using var source = new CancellationTokenSource();
            using var pool = new WorkerPool(1);
            int done = 0;
            Assert.Throws<OperationCanceledException>(() => GramMatrix.Compute(
                matrix,
                pool,
                rows =>
                {
                    done = rows;
                    source.Cancel();
                },
                source.Token));
            Assert.InRange(done, 1, 999);
        }
    }

    private static double[] Compute(WeightMatrix matrix, int threads)
    {
        using var pool = new WorkerPool(threads);
        return GramMatrix.Compute(matrix, pool, null, default);
    }
}
