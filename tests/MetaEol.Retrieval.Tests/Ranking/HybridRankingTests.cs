using MetaEol.Retrieval.Ranking;

namespace MetaEol.Retrieval.Tests.Ranking;

public sealed class HybridRankingTests
{
    [Theory]
    [InlineData(-8, 6.220960574e-16)]
    [InlineData(-2, 0.023012909)]
    [InlineData(0, 0.693147181)]
    [InlineData(1, 1.841021645)]
    [InlineData(2, 3.783184)]
    [InlineData(5, 15.064998)]
    [InlineData(10, 53.231285)]
    [InlineData(40, 804.608442)]
    public void NormalTail_KnownValues(double z, double expected) => Assert.Equal(expected, NormalTail.Surprise(z), Math.Max(1e-6, 1e-6 * expected));

    [Fact]
    public void Surprise_ShiftAndScale_ChangeNothing()
    {
        float[] similarities = Normal(new Random(1), 500);
        double[] surprise = new double[500], moved = new double[500];
        HybridRanking.Surprise(similarities, surprise);
        HybridRanking.Surprise([.. similarities.Select(similarity => (0.01f * similarity) + 0.7f)], moved);

        Assert.All(surprise.Zip(moved), pair => Assert.Equal(pair.First, pair.Second, 0.01));
        int[] order = [.. Enumerable.Range(0, 500).OrderBy(i => similarities[i])];
        Assert.True(order.Zip(order.Skip(1)).All(pair => surprise[pair.First] <= surprise[pair.Second]));
        Assert.All(surprise, value => Assert.True(value >= 0));
    }

    [Fact]
    public void Surprise_EqualSimilarities_IsNothing()
    {
        double[] surprise = new double[3];
        HybridRanking.Surprise([0.5f, 0.5f, 0.5f], surprise);
        Assert.Equal([0, 0, 0], surprise);
        HybridRanking.Surprise([], []);
        Assert.Throws<ArgumentException>(() => HybridRanking.Surprise([1], []));
    }

    [Fact]
    public void SparseNats_BestProduct_IsATenthOfTheBestWords()
    {
        double[] nats = new double[4];
        HybridRanking.SparseNats([0, 8, 20, 3], [0, 500, 1000, 250], nats);
        Assert.Equal([0, 1, 2, 0.5], nats);
        HybridRanking.SparseNats([0, 0, 0, 0], [0, 500, 1000, 250], nats);
        Assert.Equal([0, 0, 0, 0], nats);
        HybridRanking.SparseNats([1, 2, 3, 4], [0, 0, 0, 0], nats);
        Assert.Equal([0, 0, 0, 0], nats);
        HybridRanking.SparseNats([], [], []);
        Assert.Throws<ArgumentException>(() => HybridRanking.SparseNats([1], [], []));
        Assert.Throws<ArgumentException>(() => HybridRanking.SparseNats([1], [1], []));
    }

    [Fact]
    public void Trust_GrowsWithAgreementAndDiscoveryAndHasBounds()
    {
        float[] similarities = Normal(new Random(2), 1000);
        int[] order = [.. Enumerable.Range(0, 1000).OrderByDescending(i => similarities[i])];
        double Of(IEnumerable<int> best, double first = 20)
        {
            double[] words = new double[1000];
            foreach (int place in best)
            {
                words[place] = words.Max() > 0 ? 20 : first;
            }

            return HybridRanking.Trust(words, similarities);
        }

        Assert.Equal(1, Of([]));
        Assert.Equal(0.35, Of(order[^10..]));
        Assert.Equal(0.35, Of(order[400..410]));
        Assert.InRange(Of(order[30..40]), 0.5, 1.1);
        Assert.InRange(Of(order[..10]), 1, 3);

        // A surprise of about 13, where chance explains one of 7.
        similarities[order[0]] = 4.7f;
        Assert.InRange(Of(order[^10..]), 1.2, 2.5);
        Assert.InRange(Of(order[^10..], first: 40), 0.75, 1.45);
        Assert.Equal(0.35, Of(order[^9..]));
        similarities[order[0]] = 9;
        Assert.Equal(3, Of(order[^10..]));
        Assert.Equal(0.35, HybridRanking.Trust([1], [1]));
        Assert.Throws<ArgumentException>(() => HybridRanking.Trust([1], []));
    }

    /// <summary>
    /// Collections of known truth: relevant passages get more of each part's score than the others. Words that are hardly better than chance, beside vectors whose best
    /// do not stand out of two thousand either, are not among them: nothing would tell which of the two to follow.
    /// </summary>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 2)]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 0)]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    public void Hybrid_PartsOfAnyQuality_IsAboutAsGoodAsTheBetterOne(int wordQuality, int vectorQuality)
    {
        // Probability that a relevant passage holds each of the question's four words; and how far its similarity lies above the others'.
        double holds = new[] { 0.1, 0.4, 0.8 }[wordQuality], shift = new[] { 0.0, 2, 4 }[vectorQuality];
        const int Passages = 2000, Questions = 60;
        Random random = new(17);
        double words = 0, vectors = 0, hybrid = 0;
        for (int question = 0; question < Questions; question++)
        {
            HashSet<int> relevant = [.. Enumerable.Range(0, 5).Select(_ => random.Next(Passages))];
            double[] bm25 = new double[Passages], nats = new double[Passages];
            float[] similarities = Normal(random, Passages);
            for (int i = 0; i < Passages; i++)
            {
                bm25[i] = Enumerable.Range(0, 4).Sum(_ => random.NextDouble() < (relevant.Contains(i) ? holds : 0.02) ? 3 + (2 * random.NextDouble()) : 0);
                similarities[i] += relevant.Contains(i) ? (float)shift : 0;
            }

            HybridRanking.Surprise(similarities, nats);
            double trust = HybridRanking.Trust(bm25, similarities);
            words += Precision(relevant, i => bm25[i]);
            vectors += Precision(relevant, i => similarities[i]);
            hybrid += Precision(relevant, i => bm25[i] + (trust * nats[i]));
        }

        double better = Math.Max(words, vectors) / Questions;
        Assert.True(hybrid / Questions >= (0.8 * better) - 0.01, $"words {words / Questions:0.000}, vectors {vectors / Questions:0.000}, hybrid {hybrid / Questions:0.000}");
        if (wordQuality > 0 && vectorQuality == 1)
        {
            Assert.True(hybrid / Questions > better, $"words {words / Questions:0.000}, vectors {vectors / Questions:0.000}, hybrid {hybrid / Questions:0.000}");
        }
    }

    private static double Precision(HashSet<int> relevant, Func<int, double> score) =>
        Enumerable.Range(0, 2000).OrderByDescending(score).Take(relevant.Count).Count(relevant.Contains) / (double)relevant.Count;

    private static float[] Normal(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
}
