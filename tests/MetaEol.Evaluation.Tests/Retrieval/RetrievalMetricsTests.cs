using MetaEol.Evaluation.Retrieval;

namespace MetaEol.Evaluation.Tests.Retrieval;

/// <summary>Values computed by hand from the definitions.</summary>
public sealed class RetrievalMetricsTests
{
    private static readonly Dictionary<string, int> Relevances = new() { ["a"] = 3, ["b"] = 2, ["c"] = 1, ["d"] = 0, ["e"] = -1 };

    [Fact]
    public void Ndcg_GradedRanking_IsGainOverIdealGain()
    {
        // 2/log2(2) + 0 + 3/log2(4) = 3.5; ideal 3 + 2/log2(3) + 1/2 = 4.7618595.
        Assert.Equal(3.5 / 4.7618595071429146, RetrievalMetrics.Ndcg(["b", "d", "a"], Relevances, 10), 12);

        // Only the first two count: 2 of 3 + 2/log2(3) = 4.2618595.
        Assert.Equal(2 / 4.2618595071429146, RetrievalMetrics.Ndcg(["b", "d", "a"], Relevances, 2), 12);
        Assert.Equal(1, RetrievalMetrics.Ndcg(["a", "b", "c", "x"], Relevances, 10), 12);
        Assert.Equal(0, RetrievalMetrics.Ndcg(["e", "d", "x"], Relevances, 10));
        Assert.Equal(0, RetrievalMetrics.Ndcg([], Relevances, 10));
    }

    [Fact]
    public void Ndcg_OneRelevantDocument_IsTheDiscountOfItsRank()
    {
        for (int rank = 1; rank <= 12; rank++)
        {
            string[] ranking = [.. Enumerable.Range(1, 12).Select(place => place == rank ? "a" : $"x{place}")];
            Assert.Equal(rank <= 10 ? 1 / Math.Log2(rank + 1) : 0, RetrievalMetrics.Ndcg(ranking, new Dictionary<string, int> { ["a"] = 1 }, 10), 12);
        }
    }

    [Fact]
    public void Recall_IsThePartOfTheRelevantThatWasFound()
    {
        Assert.Equal(2 / 3.0, RetrievalMetrics.Recall(["a", "d", "c"], Relevances, 3), 12);
        Assert.Equal(1 / 3.0, RetrievalMetrics.Recall(["a", "d", "c"], Relevances, 2), 12);
        Assert.Equal(0, RetrievalMetrics.Recall(["d", "e"], Relevances, 100));
    }

    [Fact]
    public void ReciprocalRank_IsThatOfTheFirstRelevant()
    {
        Assert.Equal(1, RetrievalMetrics.ReciprocalRank(["c", "a"], Relevances, 10));
        Assert.Equal(1 / 3.0, RetrievalMetrics.ReciprocalRank(["d", "e", "b", "a"], Relevances, 10), 12);
        Assert.Equal(0, RetrievalMetrics.ReciprocalRank(["d", "e", "b"], Relevances, 2));
        Assert.Equal(0, RetrievalMetrics.ReciprocalRank([], Relevances, 10));
    }

    [Fact]
    public void All_NothingRelevant_AreNotDefined()
    {
        Dictionary<string, int> none = new() { ["a"] = 0 };
        Assert.Equal(double.NaN, RetrievalMetrics.Ndcg(["a"], none, 10));
        Assert.Equal(double.NaN, RetrievalMetrics.Recall(["a"], none, 10));
        Assert.Equal(double.NaN, RetrievalMetrics.ReciprocalRank(["a"], none, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => RetrievalMetrics.Ndcg(["a"], none, 0));
    }
}
