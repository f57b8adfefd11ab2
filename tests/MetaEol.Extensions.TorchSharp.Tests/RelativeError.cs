namespace MetaEol.Extensions.TorchSharp.Tests;

/// <summary>The measure of the tests.</summary>
internal static class RelativeError
{
    /// <summary>Largest relative L2 error of the rows of a matrix.</summary>
    public static double Largest(ReadOnlySpan<float> expected, ReadOnlySpan<float> found, int width)
    {
        Assert.Equal(expected.Length, found.Length);
        double largest = 0;
        for (int begin = 0; begin < expected.Length; begin += width)
        {
            double error = 0;
            double norm = 0;
            for (int i = begin; i < begin + width; i++)
            {
                error += Math.Pow(found[i] - (double)expected[i], 2);
                norm += Math.Pow(expected[i], 2);
            }

            largest = Math.Max(largest, Math.Sqrt(error / norm));
        }

        return largest;
    }
}
