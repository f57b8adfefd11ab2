using System.Globalization;

namespace MetaEol.Retrieval.Ranking;

/// <summary>Checks vectors that come from a file or a generator.</summary>
internal static class VectorCheck
{
    // What is computed from vectors of this length, squares and sums of many, is still far inside the range of float32.
    private const double MaximumLength = 1e12;

    /// <summary>What keeps a vector from being compared with others; null if nothing does.</summary>
    public static string? FindFault(ReadOnlySpan<float> vector)
    {
        double squares = 0;
        foreach (float value in vector)
        {
            squares += (double)value * value;
            if (!float.IsFinite(value))
            {
                return string.Create(CultureInfo.InvariantCulture, $"holds {value}");
            }
        }

        double length = Math.Sqrt(squares);
        return length > MaximumLength ? string.Create(CultureInfo.InvariantCulture, $"has length {length:G3}, of which {MaximumLength:G3} is the most") : null;
    }

    /// <exception cref="FormatException">A vector has another width, or cannot be compared with others.</exception>
    public static void ThrowIfInvalid(ReadOnlySpan<float> vector, int dimensions)
    {
        if (vector.Length != dimensions)
        {
            throw new FormatException($"A vector has {vector.Length} dimensions; expected {dimensions}.");
        }

        if (FindFault(vector) is { } fault)
        {
            throw new FormatException($"A vector {fault}.");
        }
    }
}
