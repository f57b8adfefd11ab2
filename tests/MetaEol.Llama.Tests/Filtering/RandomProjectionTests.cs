using MetaEol.Llama.Filtering;

namespace MetaEol.Llama.Tests.Filtering;

public class RandomProjectionTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 7)]
    [InlineData(100, 30)]
    [InlineData(128, 128)]
    public void Create_AnySize_HasOrthonormalRows(int inputDimensions, int dimensions)
    {
        VectorFilter filter = RandomProjection.Create(inputDimensions, dimensions, seed: 5);
        for (int i = 0; i < dimensions; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double dot = Enumerable.Range(0, inputDimensions).Sum(k => (double)filter.Rows.Span[(i * inputDimensions) + k] * filter.Rows.Span[(j * inputDimensions) + k]);
                Assert.Equal(i == j ? 1 : 0, dot, 1e-6);
            }
        }
    }

    [Fact]
    public void Create_SameSeed_GivesTheSameRowsWhateverTheirNumber()
    {
        float[] rows = RandomProjection.Create(50, 40, seed: 3, threads: 1).Rows.ToArray();
        Assert.Equal(rows[..500], RandomProjection.Create(50, 10, seed: 3, threads: 4).Rows.ToArray());
        Assert.NotEqual(rows[..500], RandomProjection.Create(50, 10, seed: 4).Rows.ToArray());
        Assert.NotEqual(rows[..500], RandomProjection.Create(50, 10, seed: -3).Rows.ToArray());
    }

    [Fact]
    public void Create_KeepsDistancesOnAverage()
    {
        const int Input = 256, Output = 64, Vectors = 200;
        var random = new Random(2);
        double[] vectors = [.. Enumerable.Range(0, Vectors * Input).Select(i => random.NextDouble() - 0.5 + (i % Input == 7 ? 3 : 0))];
        double[] filtered = new double[Vectors * Output];
        RandomProjection.Create(Input, Output, seed: 0).Apply(vectors, filtered);
        double[] ratios = [.. Enumerable.Range(0, Vectors).Select(i => Squares(filtered.AsSpan(i * Output, Output)) / Squares(vectors.AsSpan(i * Input, Input)))];
        Assert.Equal((double)Output / Input, ratios.Average(), 0.05);

        // Distances of vectors that differ in all coordinates are kept in the proportion 64 / 256, within some per cent each.
        double[] distances =
        [
            .. Enumerable.Range(0, Vectors - 1).Select(i => Squares(Difference(filtered, i, Output)) / Squares(Difference(vectors, i, Input)) * Input / Output),
        ];
        Assert.Equal(1, distances.Average(), 0.05);
        Assert.All(distances, distance => Assert.InRange(distance, 0.4, 1.8));
    }

    [Fact]
    public void Create_OutOfRange_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => RandomProjection.Create(0, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => RandomProjection.Create(8, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => RandomProjection.Create(8, 9, 0));
        Assert.Throws<OperationCanceledException>(() => RandomProjection.Create(8, 8, 0, cancellationToken: new CancellationToken(true)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(101)]
    public void Apply_AnyWidth_EqualsThePlainProductInDouble(int inputDimensions)
    {
        int dimensions = (inputDimensions + 1) / 2;
        VectorFilter filter = RandomProjection.Create(inputDimensions, dimensions, seed: 1);
        var random = new Random(4);
        double[] vectors = [.. Enumerable.Range(0, 3 * inputDimensions).Select(_ => random.NextDouble() - 0.5)];
        double[] filtered = new double[3 * dimensions];
        filter.Apply(vectors, filtered);
        for (int i = 0; i < 3; i++)
        {
            for (int row = 0; row < dimensions; row++)
            {
                double expected = Enumerable.Range(0, inputDimensions).Sum(k => (double)filter.Rows.Span[(row * inputDimensions) + k] * vectors[(i * inputDimensions) + k]);
                Assert.Equal(expected, filtered[(i * dimensions) + row], 1e-14 * inputDimensions);
            }
        }

        Assert.Throws<ArgumentException>(() => filter.Apply(vectors.AsSpan(1), filtered));
        Assert.Throws<ArgumentException>(() => filter.Apply(vectors, filtered.AsSpan(1)));
    }

    private static double Squares(ReadOnlySpan<double> vector)
    {
        double sum = 0;
        foreach (double value in vector)
        {
            sum += value * value;
        }

        return sum;
    }

    private static double[] Difference(double[] vectors, int index, int width) => [.. Enumerable.Range(0, width).Select(k => vectors[(index * width) + k] - vectors[((index + 1) * width) + k])];
}
