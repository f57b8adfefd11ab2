namespace MetaEol.Retrieval.Ranking;

/// <summary>How surprising a value is under a normal distribution.</summary>
internal static class NormalTail
{
    /// <summary>
    /// The surprise of a value that lies <paramref name="z"/> standard deviations above the mean, in nats: minus the logarithm of the probability of a value as large
    /// or larger. 0.69 at the mean, 3.8 at two deviations, 15 at five.
    /// </summary>
    public static double Surprise(double z) => z >= 0 ? Math.Log(2) - LogErfc(z / Math.Sqrt(2)) : -Math.Log(1 - (0.5 * Math.Exp(LogErfc(-z / Math.Sqrt(2)))));

    // The logarithm of the complementary error function for x >= 0, by Chebyshev fitting (Numerical Recipes, 6.2); relative error of erfc at most 1.2e-7.
    private static double LogErfc(double x)
    {
        double t = 1 / (1 + (0.5 * x));
        double polynomial = 0.17087277;
        foreach (double coefficient in (ReadOnlySpan<double>)[-0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368, -1.26551223])
        {
            polynomial = (polynomial * t) + coefficient;
        }

        return Math.Log(t) - (x * x) + polynomial;
    }
}
