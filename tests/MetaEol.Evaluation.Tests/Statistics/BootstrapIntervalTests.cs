using MetaEol.Evaluation.Statistics;

namespace MetaEol.Evaluation.Tests.Statistics;

public sealed class BootstrapIntervalTests
{
    [Fact]
    public void OfMean_ManyValues_IsAboutTwoStandardErrorsWide()
    {
        Random random = new(4);
        double[] values = [.. Enumerable.Range(0, 1000).Select(_ => random.NextDouble())];
        BootstrapInterval interval = BootstrapInterval.OfMean(values);

        // A uniform distribution's standard deviation is 0.2887; of the mean of 1,000 values 0.00913.
        Assert.Equal(values.Average(), interval.Mean, 12);
        Assert.Equal(interval.Mean - (1.96 * 0.00913), interval.Low, 0.0015);
        Assert.Equal(interval.Mean + (1.96 * 0.00913), interval.High, 0.0015);
        Assert.Equal(interval, BootstrapInterval.OfMean(values));
    }

    [Fact]
    public void OfMean_FewValues_HasTheEndsThatItMust()
    {
        Assert.Equal(new BootstrapInterval(0.5, 0.5, 0.5), BootstrapInterval.OfMean([0.5, 0.5, 0.5]));
        Assert.Equal(new BootstrapInterval(0.5, 0, 1), BootstrapInterval.OfMean([0, 1]));
        Assert.Equal(double.NaN, BootstrapInterval.OfMean([]).Mean);
        Assert.Throws<ArgumentException>(() => BootstrapInterval.OfMean([1, double.NaN]));
    }
}
