namespace MetaEol.Retrieval.Ranking;

/// <summary>Checks vectors that come from a file.</summary>
internal static class VectorCheck
{
    /// <exception cref="FormatException">A vector has another width, or a number in it is not finite.</exception>
    public static void ThrowIfInvalid(ReadOnlySpan<float> vector, int dimensions)
    {
        if (vector.Length != dimensions)
        {
            throw new FormatException($"A vector has {vector.Length} dimensions; expected {dimensions}.");
        }

        foreach (float value in vector)
        {
            if (!float.IsFinite(value))
            {
                throw new FormatException($"A vector holds {value}.");
            }
        }
    }
}
