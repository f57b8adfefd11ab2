using MetaEol.Llama.Filtering;
using MetaEol.Llama.Kernels;

namespace MetaEol.Llama.Tests.Filtering;

public class SymmetricEigenTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(40)]
    [InlineData(64)]
    [InlineData(130)]
    public void Decompose_RandomMatrix_AgreesWithJacobi(int size)
    {
        double[] matrix = Symmetric(size, new Random(size));
        (double[] expected, double[][] expectedVectors) = JacobiEigen.Decompose(matrix, size);
        (double[] values, double[] vectors) = Decompose(matrix, size);
        for (int i = 0; i < size; i++)
        {
            Assert.Equal(expected[i], values[i], 1e-12 * size);
            double overlap = Enumerable.Range(0, size).Sum(k => expectedVectors[i][k] * vectors[(i * size) + k]);
            Assert.Equal(1, Math.Abs(overlap), 1e-9);
        }

        AssertDecomposition(matrix, size, values, vectors);
    }

    [Fact]
    public void Decompose_SpecialMatrices_GivesAnOrthonormalBasisOfEigenvectors()
    {
        const int Size = 50;
        var random = new Random(3);
        var matrices = new Dictionary<string, double[]>
        {
            ["zero"] = new double[Size * Size],
            ["identity"] = Fill(Size, (i, j) => i == j ? 1 : 0),
            ["diagonal"] = Fill(Size, (i, j) => i == j ? i % 7 : 0),
            ["all ones"] = Fill(Size, (_, _) => 1),
            ["tridiagonal"] = Fill(Size, (i, j) => i == j ? 2 : Math.Abs(i - j) == 1 ? -1 : 0),
            ["graded"] = Fill(Size, (i, j) => Math.Pow(10, -0.25 * (i + j)) * (i == j ? 1 : 0.3)),
            ["tiny beside one"] = Fill(Size, (i, j) => i == 0 && j == 0 ? 1 : 1e-170 * (1 + i + j)),
            ["two blocks"] = Fill(Size, (i, j) => (i < 20) == (j < 20) ? Math.Cos(i * j) : 0),
            ["rank three"] = RankThree(Size, random),
            ["equal pairs"] = Fill(Size, (i, j) => i / 2 == j / 2 ? (i == j ? 3 : 1) : 0),
        };
        foreach ((string name, double[] matrix) in matrices)
        {
            (double[] values, double[] vectors) = Decompose(matrix, Size);
            Assert.True(values.All(double.IsFinite), name);
            AssertDecomposition(matrix, Size, values, vectors);
        }
    }

    [Fact]
    public void Decompose_AnyNumberOfThreads_GivesTheSameBits()
    {
        const int Size = 300;
        double[] matrix = Symmetric(Size, new Random(8));
        (double[] values, double[] vectors) = Decompose(matrix, Size, threads: 1);
        for (int threads = 2; threads <= 4; threads++)
        {
            (double[] others, double[] otherVectors) = Decompose(matrix, Size, threads);
            Assert.Equal(values, others);
            Assert.Equal(vectors, otherVectors);
        }

        AssertDecomposition(matrix, Size, values, vectors);
    }

    [Fact]
    public void Decompose_Cancelled_EndsInEveryStep()
    {
        const int Size = 200;
        HashSet<string> steps = [];
        double[] matrix = Symmetric(Size, new Random(1));
        using var pool = new WorkerPool(2);
        SymmetricEigen.Decompose([.. matrix], Size, pool, (step, _) => { lock (steps) { steps.Add(step); } }, default);
        Assert.Equal(3, steps.Count);
        foreach (string wanted in steps)
        {
            using var source = new CancellationTokenSource();
            Assert.ThrowsAny<OperationCanceledException>(() => SymmetricEigen.Decompose(
                [.. matrix],
                Size,
                pool,
                (step, _) =>
                {
                    if (step == wanted)
                    {
                        source.Cancel();
                    }
                },
                source.Token));
        }
    }

    private static (double[] Values, double[] Vectors) Decompose(double[] matrix, int size, int threads = 2)
    {
        using var pool = new WorkerPool(threads);
        return SymmetricEigen.Decompose([.. matrix], size, pool, null, default);
    }

    private static void AssertDecomposition(double[] matrix, int size, double[] values, double[] vectors)
    {
        double norm = Math.Max(1e-300, Math.Sqrt(matrix.Sum(value => value * value)));
        Assert.Equal(values.OrderDescending(), values);
        for (int i = 0; i < size; i++)
        {
            ReadOnlySpan<double> vector = vectors.AsSpan(i * size, size);
            double largest = 0;
            for (int row = 0; row < size; row++)
            {
                double product = 0;
                for (int k = 0; k < size; k++)
                {
                    product += matrix[(row * size) + k] * vector[k];
                }

                Assert.Equal(0, (product - (values[i] * vector[row])) / norm, 1e-13 * size);
                largest = Math.Abs(vector[row]) > Math.Abs(largest) ? vector[row] : largest;
            }

            Assert.True(largest > 0, "The largest number of an eigenvector must be positive.");
            for (int j = 0; j <= i; j++)
            {
                double dot = 0;
                for (int k = 0; k < size; k++)
                {
                    dot += vector[k] * vectors[(j * size) + k];
                }

                Assert.Equal(i == j ? 1 : 0, dot, 1e-12);
            }
        }
    }

    private static double[] Symmetric(int size, Random random)
    {
        double[] matrix = new double[size * size];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                matrix[(i * size) + j] = matrix[(j * size) + i] = random.NextDouble() - 0.5;
            }
        }

        return matrix;
    }

    private static double[] RankThree(int size, Random random)
    {
        double[][] factors = [.. Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, size).Select(_ => random.NextDouble() - 0.5).ToArray())];
        return Fill(size, (i, j) => factors.Sum(factor => factor[i] * factor[j]));
    }

    private static double[] Fill(int size, Func<int, int, double> value) => [.. Enumerable.Range(0, size * size).Select(index => value(index / size, index % size))];
}
