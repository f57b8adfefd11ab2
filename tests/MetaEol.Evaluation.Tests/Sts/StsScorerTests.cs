using MetaEol.Evaluation.SentEval;
using MetaEol.Evaluation.Sts;

namespace MetaEol.Evaluation.Tests.Sts;

public class StsScorerTests
{
    /// <summary>Within each subset the order is right or reversed; over both together it is neither.</summary>
    private static readonly StsTask Task = new(
        "STS13",
        [
            new StsSubset("one", [new("a", "b", 1), new("c", "d", 2), new("e", "f", 3)]),
            new StsSubset("two", [new("g", "h", 4), new("i", "j", 0)]),
        ]);

    [Fact]
    public void Score_AllSetting_CorrelatesOverThePairsOfAllSubsets()
    {
        StsScores scores = StsScorer.Score([Task], [0.7, 0.8, 0.9, 0.1, 0.2])[0];

        // Ranks 3, 4, 5, 1, 2 against 2, 3, 4, 5, 1: d² = 1 + 1 + 1 + 16 + 1 = 20, 1 - 6 · 20 / (5 · 24) = 0.
        Assert.Equal(0, scores.Spearman, 10);
        Assert.Equal([100, -100], scores.Subsets.Select(subset => Math.Round(subset.Spearman, 10)));
        Assert.Equal(0, scores.SubsetMean, 10);
        Assert.Equal(((3 * 100) - (2 * 100)) / 5.0, scores.SubsetWeightedMean, 10);
        Assert.Equal(5, scores.PairCount);
    }

    [Fact]
    public void Score_NotANumber_CountsAsZero()
    {
        Assert.Equal(StsScorer.Score([Task], [0, 0.8, 0.9, 0.1, 0.2])[0].Spearman, StsScorer.Score([Task], [double.NaN, 0.8, 0.9, 0.1, 0.2])[0].Spearman);
    }

    [Fact]
    public void Score_SeveralTasks_KeepsThemApart()
    {
        StsTask other = new("STS-B", [new StsSubset("test", [new("k", "l", 1), new("m", "n", 2)])]);
        IReadOnlyList<StsScores> scores = StsScorer.Score([Task, other], [0.7, 0.8, 0.9, 0.1, 0.2, 5, 4]);
        Assert.Equal(-100, scores[1].Spearman, 10);
        Assert.Equal(0, scores[0].Spearman, 10);
    }

    [Fact]
    public void Score_WrongCount_Throws() => Assert.Throws<ArgumentException>(() => StsScorer.Score([Task], [1, 2]));

    [Fact]
    public void Cosine_KnownVectors()
    {
        Assert.Equal(0.6, StsScorer.Cosine([3, 4], [2, 0]), 12);
        Assert.Equal(0, StsScorer.Cosine([0, 0], [2, 0]));
    }
}
