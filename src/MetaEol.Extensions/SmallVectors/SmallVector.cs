using System.Collections;

namespace MetaEol.Extensions.SmallVectors;

/// <summary>Vectors in fewer bits.</summary>
public static class SmallVector
{
    /// <summary>The name under which an embedding's additional properties hold the scale of its 8-bit numbers, a <see cref="float"/>.</summary>
    public const string ScaleName = "scale";

    /// <summary>The numbers in half precision, rounded to the nearest: a relative error of at most 2⁻¹¹ each, for numbers of a vector of length 1 above 6e-5.</summary>
    /// <param name="vector">The vector.</param>
    public static Half[] ToHalf(ReadOnlySpan<float> vector)
    {
        Half[] halves = new Half[vector.Length];
        for (int i = 0; i < halves.Length; i++)
        {
            halves[i] = (Half)vector[i];
        }

        return halves;
    }

    /// <summary>
    /// The numbers in 8 bits: <c>round(number / scale)</c> with <c>scale = largest magnitude / 127</c>, half to even, so that the largest is ±127 and -128 does not occur. The number is <c>scale · value</c> again, off by at most
    /// half the scale. Cosines do not need the scale; dot products and distances do, since every vector has its own.
    /// </summary>
    /// <param name="vector">The vector, finite.</param>
    /// <param name="scale">The scale; 0 for the zero vector.</param>
    /// <exception cref="ArgumentException">A number is NaN or infinite.</exception>
    public static sbyte[] ToInt8(ReadOnlySpan<float> vector, out float scale)
    {
        float largest = 0;
        foreach (float value in vector)
        {
            largest = float.IsFinite(value) ? Math.Max(largest, Math.Abs(value)) : throw new ArgumentException($"A vector with {value} cannot be kept in 8 bits.", nameof(vector));
        }

        scale = largest / 127;
        sbyte[] values = new sbyte[vector.Length];
        for (int i = 0; largest > 0 && i < values.Length; i++)
        {
            values[i] = (sbyte)Math.Round(vector[i] / (double)largest * 127);
        }

        return values;
    }

    /// <summary>The signs: true for numbers above 0. The share of bits in which two vectors differ (Hamming distance) takes the place of their angle.</summary>
    /// <param name="vector">The vector.</param>
    public static BitArray ToBits(ReadOnlySpan<float> vector)
    {
        var bits = new BitArray(vector.Length);
        for (int i = 0; i < vector.Length; i++)
        {
            bits[i] = vector[i] > 0;
        }

        return bits;
    }

    /// <summary>The vector that is left of one that was kept in fewer bits: to score what they cost.</summary>
    /// <param name="vector">The vector.</param>
    /// <param name="type">The numbers that it is kept in; <see cref="VectorType.Binary"/> leaves 1 and -1.</param>
    /// <exception cref="ArgumentException">A number is NaN or infinite, and the type is <see cref="VectorType.Int8"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="type"/> is not defined.</exception>
    public static float[] RoundTrip(ReadOnlySpan<float> vector, VectorType type)
    {
        switch (type)
        {
            case VectorType.Float32:
                return vector.ToArray();
            case VectorType.Float16:
                return Array.ConvertAll(ToHalf(vector), half => (float)half);
            case VectorType.Int8:
                sbyte[] values = ToInt8(vector, out float scale);
                return Array.ConvertAll(values, value => scale * value);
            case VectorType.Binary:
                return [.. ToBits(vector).Cast<bool>().Select(bit => bit ? 1f : -1f)];
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, $"A vector type is {string.Join(", ", Enum.GetNames<VectorType>())}.");
        }
    }
}
