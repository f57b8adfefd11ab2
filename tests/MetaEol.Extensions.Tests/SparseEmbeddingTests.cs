namespace MetaEol.Extensions.Tests;

public class SparseEmbeddingTests
{
    [Fact]
    public void Dot_EqualsTheDotOfTheFullVectors()
    {
        var random = new Random(3);
        for (int round = 0; round < 200; round++)
        {
            float[] a = Full(random), b = Full(random);
            Assert.Equal(a.Zip(b, (x, y) => (double)x * y).Sum(), Sparse(a).Dot(Sparse(b)), 1e-9);
            Assert.Equal(Sparse(a).Dot(Sparse(b)), Sparse(b).Dot(Sparse(a)), 1e-9);
        }

        Assert.Equal(0, new SparseEmbedding(Array.Empty<int>(), Array.Empty<float>()).Dot(Sparse([1, 2])));
        Assert.Throws<ArgumentNullException>(() => Sparse([1f]).Dot(null!));
    }

    [Theory]
    [InlineData(new[] { 1, 2 }, new[] { 1f }, "2 token ids and 1 weights")]
    [InlineData(new[] { -1 }, new[] { 1f }, "Token id -1 at 0 must be at least 0")]
    [InlineData(new[] { 3, 3 }, new[] { 1f, 1 }, "Token id 3 at 1 must be at least 4")]
    [InlineData(new[] { 3, 5 }, new[] { 1f, 0 }, "token id 5 is 0")]
    [InlineData(new[] { 3, 5 }, new[] { float.NaN, 1 }, "token id 3 is NaN")]
    public void Create_WrongTerms_SaysWhich(int[] ids, float[] weights, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => new SparseEmbedding(ids, weights)).Message);

    private static float[] Full(Random random) => [.. Enumerable.Range(0, 40).Select(_ => random.Next(3) == 0 ? random.NextSingle() + 0.1f : 0)];

    private static SparseEmbedding Sparse(float[] full)
    {
        int[] ids = [.. Enumerable.Range(0, full.Length).Where(i => full[i] > 0)];
        return new SparseEmbedding(ids, Array.ConvertAll(ids, id => full[id]));
    }
}
