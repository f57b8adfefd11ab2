namespace MetaEol.Llama.Tests;

/// <summary>Distance between vectors.</summary>
internal static class RelativeError
{
    /// <summary>‖actual - expected‖ / ‖expected‖ (L2).</summary>
    public static double Of(ReadOnlySpan<float> actual, ReadOnlySpan<double> expected)
    {
        Assert.Equal(expected.Length, actual.Length);
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            difference += Math.Pow(actual[i] - expected[i], 2);
            norm += expected[i] * expected[i];
        }

        return Math.Sqrt(difference / norm);
    }

    /// <summary>‖actual - expected‖ / ‖expected‖ (L2).</summary>
    public static double Of(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
    {
        var wide = new double[expected.Length];
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] = expected[i];
        }

        return Of(actual, wide);
    }
}
