using MetaEol.Evaluation.Statistics;

namespace MetaEol.Evaluation.Tests.Statistics;

public class SpearmanCorrelationTests
{
    [Fact]
    public void Ranks_EqualValues_ShareTheMeanOfTheirRanks() =>
        Assert.Equal([4.5, 1, 2.5, 2.5, 4.5, 6], SpearmanCorrelation.Ranks([3, -1, 2, 2, 3, 7]));

    [Fact]
    public void Compute_OneTie_EqualsHandComputedValue()
    {
        // Ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4: covariance 4.5, variances 4.5 and 5.
        double actual = SpearmanCorrelation.Compute([1, 2, 2, 3], [10, 30, 20, 40]);
        Assert.Equal(4.5 / Math.Sqrt(4.5 * 5), actual, 14);
    }

    [Fact]
    public void Compute_TiesInBoth_EqualsHandComputedValue()
    {
        // Ranks 1.5, 1.5, 3, 4.5, 4.5 and 2, 1, 4, 4, 4: deviations -1.5, -1.5, 0, 1.5, 1.5 and -1, -2, 1, 1, 1.
        double actual = SpearmanCorrelation.Compute([0, 0, 5, 9, 9], [2, 1, 3, 3, 3]);
        Assert.Equal(7.5 / Math.Sqrt(9.0 * 8.0), actual, 14);
    }

    [Fact]
    public void Compute_WithoutTies_EqualsFormulaOfRankDifferences()
    {
        // d = 1, 1, 1, 1, 0: 1 - 6 · 4 / (5 · 24).
        Assert.Equal(0.8, SpearmanCorrelation.Compute([1, 2, 3, 4, 5], [2, 1, 4, 3, 5]), 14);
        Assert.Equal(-1, SpearmanCorrelation.Compute([1, 2, 3], [0.3, 0.2, -7]), 14);
    }

    [Fact]
    public void Compute_MonotoneTransform_ChangesNothing()
    {
        Random random = new(7);
        double[] first = [.. Enumerable.Range(0, 200).Select(_ => (double)random.Next(30))], second = [.. first.Select(x => x + random.Next(20))];
        Assert.Equal(SpearmanCorrelation.Compute(first, second), SpearmanCorrelation.Compute([.. first.Select(Math.Exp)], [.. second.Select(x => (3 * x) - 100)]), 13);
    }

    [Fact]
    public void Compute_ConstantOrTooShort_IsNotDefined()
    {
        Assert.Equal(double.NaN, SpearmanCorrelation.Compute([1, 1, 1], [1, 2, 3]));
        Assert.Equal(double.NaN, SpearmanCorrelation.Compute([1], [1]));
    }

    [Fact]
    public void Compute_NaNOrDifferentLengths_Throws()
    {
        Assert.Throws<ArgumentException>(() => SpearmanCorrelation.Compute([1, double.NaN], [1, 2]));
        Assert.Throws<ArgumentException>(() => SpearmanCorrelation.Compute([1, 2], [1, 2, 3]));
    }
}
