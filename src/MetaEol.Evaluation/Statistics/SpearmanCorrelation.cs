namespace MetaEol.Evaluation.Statistics;

/// <summary>Spearman's rank correlation with ties, as <c>scipy.stats.spearmanr</c> computes it: Pearson's correlation of average ranks.</summary>
public static class SpearmanCorrelation
{
    /// <summary>Computes the correlation of two lists of values.</summary>
    /// <param name="first">The first value of each observation; finite or infinite, not NaN.</param>
    /// <param name="second">The second value of each observation, as many.</param>
    /// <returns>The correlation, -1 to 1; NaN where it is not defined: fewer than two observations, or all values of a list equal.</returns>
    /// <exception cref="ArgumentException">The lists differ in length, or a value is NaN.</exception>
    public static double Compute(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        if (first.Length != second.Length)
        {
            throw new ArgumentException($"The two lists must have the same length, not {first.Length} and {second.Length}.", nameof(second));
        }

        return Pearson(Ranks(first), Ranks(second));
    }

    /// <summary>Ranks from 1; equal values share the mean of the ranks they take up.</summary>
    /// <param name="values">The values; none may be NaN.</param>
    /// <returns>The rank of each value, in the order of <paramref name="values"/>.</returns>
    /// <exception cref="ArgumentException">A value is NaN.</exception>
    public static double[] Ranks(ReadOnlySpan<double> values)
    {
        double[] sorted = values.ToArray();
        int[] order = new int[sorted.Length];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = double.IsNaN(values[i]) ? throw new ArgumentException($"Value {i} is NaN, which has no rank.", nameof(values)) : i;
        }

        Array.Sort(sorted, order);
        double[] ranks = new double[sorted.Length];
        for (int start = 0; start < sorted.Length;)
        {
            int end = start + 1;
            while (end < sorted.Length && sorted[end] == sorted[start])
            {
                end++;
            }

            for (int i = start; i < end; i++)
            {
                ranks[order[i]] = (start + 1 + end) / 2.0;
            }

            start = end;
        }

        return ranks;
    }

    private static double Pearson(double[] first, double[] second)
    {
        if (first.Length < 2)
        {
            return double.NaN;
        }

        double firstMean = first.Average(), secondMean = second.Average();
        double covariance = 0, firstVariance = 0, secondVariance = 0;
        for (int i = 0; i < first.Length; i++)
        {
            double a = first[i] - firstMean, b = second[i] - secondMean;
            covariance += a * b;
            firstVariance += a * a;
            secondVariance += b * b;
        }

        return firstVariance == 0 || secondVariance == 0
            ? double.NaN
            : Math.Clamp(covariance / Math.Sqrt(firstVariance) / Math.Sqrt(secondVariance), -1, 1);
    }
}
