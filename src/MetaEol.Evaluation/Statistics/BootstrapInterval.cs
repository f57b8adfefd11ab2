namespace MetaEol.Evaluation.Statistics;

/// <summary>How sure a mean is: an interval that holds it with 95 % confidence.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Low">The interval's lower end.</param>
/// <param name="High">Its upper end.</param>
public sealed record BootstrapInterval(double Mean, double Low, double High)
{
    private const int Resamples = 2000;

    /// <summary>Computes the mean of values and its interval by the percentile bootstrap: 2,000 resamples with replacement, seeded, so that the result is always the same.</summary>
    /// <param name="values">The values, one for each observation; finite.</param>
    /// <returns>NaN for all three where there are no values.</returns>
    /// <exception cref="ArgumentException">A value is not finite.</exception>
    public static BootstrapInterval OfMean(IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.FirstOrDefault(value => !double.IsFinite(value), 0) is var bad and not 0)
        {
            throw new ArgumentException($"A value is {bad}; all must be finite.", nameof(values));
        }

        if (values.Count == 0)
        {
            return new BootstrapInterval(double.NaN, double.NaN, double.NaN);
        }

        Random random = new(values.Count);
        double[] means = new double[Resamples];
        for (int i = 0; i < Resamples; i++)
        {
            double sum = 0;
            for (int j = 0; j < values.Count; j++)
            {
                sum += values[random.Next(values.Count)];
            }

            means[i] = sum / values.Count;
        }

        Array.Sort(means);
        return new BootstrapInterval(values.Average(), means[(int)(0.025 * Resamples)], means[(int)(0.975 * Resamples)]);
    }

    /// <summary>Computes a statistic of observations and its interval by the percentile bootstrap: 1,000 resamples with replacement, seeded, so that the result is always the same.</summary>
    /// <param name="count">Number of observations, at least 1.</param>
    /// <param name="statistic">Gives the statistic of a sample, which holds an observation's index as often as it was drawn. Samples of which it is not finite are left out.</param>
    /// <returns>The statistic of all observations, and the interval.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    public static BootstrapInterval Of(int count, Func<int[], double> statistic)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentNullException.ThrowIfNull(statistic);
        Random random = new(count);
        List<double> values = [];
        for (int i = 0; i < Resamples / 2; i++)
        {
            int[] sample = [.. Enumerable.Range(0, count).Select(_ => random.Next(count))];
            if (statistic(sample) is var value && double.IsFinite(value))
            {
                values.Add(value);
            }
        }

        values.Sort();
        double whole = statistic([.. Enumerable.Range(0, count)]);
        return values.Count == 0 ? new BootstrapInterval(whole, double.NaN, double.NaN) : new BootstrapInterval(whole, values[(int)(0.025 * values.Count)], values[(int)(0.975 * values.Count)]);
    }
}
