using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MetaEol.Llama.Filtering;

/// <summary>A linear map to fewer dimensions whose rows are orthonormal: a vector's coordinates along them. Safe for use by many threads.</summary>
/// <remarks>
/// With rows V <c>[dimensions × input]</c>, distances and dot products of filtered vectors are those of the input after the projector VᵀV <c>[input × input]</c>.
/// </remarks>
public sealed class VectorFilter
{
    private readonly float[] _rows;

    internal VectorFilter(float[] rows, int inputDimensions)
    {
        _rows = rows;
        InputDimensions = inputDimensions;
        Dimensions = rows.Length / inputDimensions;
    }

    /// <summary>Numbers of a vector before the filter.</summary>
    public int InputDimensions { get; }

    /// <summary>Numbers of a vector behind the filter.</summary>
    public int Dimensions { get; }

    /// <summary>The rows, <c>[dimensions × input]</c>, row-major.</summary>
    public ReadOnlyMemory<float> Rows => _rows;

    /// <summary>Filters vectors, with sums in double precision.</summary>
    /// <param name="vectors"><c>[vectors × input]</c>, row-major.</param>
    /// <param name="filtered">Receives <c>[vectors × dimensions]</c>.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply(ReadOnlySpan<double> vectors, Span<double> filtered)
    {
        int count = vectors.Length / InputDimensions;
        if (vectors.Length % InputDimensions != 0 || filtered.Length != count * Dimensions)
        {
            throw new ArgumentException($"{vectors.Length} numbers to {filtered.Length}: whole vectors of {InputDimensions} become as many of {Dimensions}.");
        }

        // Rows outside, vectors inside: the rows of a large model do not fit a cache.
        for (int row = 0; row < Dimensions; row++)
        {
            ReadOnlySpan<float> weights = _rows.AsSpan(row * InputDimensions, InputDimensions);
            for (int i = 0; i < count; i++)
            {
                filtered[(i * Dimensions) + row] = Dot(weights, vectors.Slice(i * InputDimensions, InputDimensions));
            }
        }
    }

    private static double Dot(ReadOnlySpan<float> weights, ReadOnlySpan<double> vector)
    {
        ref float w = ref MemoryMarshal.GetReference(weights);
        ref double x = ref MemoryMarshal.GetReference(vector);
        Vector<double> low = Vector<double>.Zero, high = Vector<double>.Zero;
        int i = 0;
        for (; i <= weights.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(Vector.LoadUnsafe(ref w, (nuint)i), out Vector<double> first, out Vector<double> second);
            low += first * Vector.LoadUnsafe(ref x, (nuint)i);
            high += second * Vector.LoadUnsafe(ref x, (nuint)(i + Vector<double>.Count));
        }

        double sum = Vector.Sum(low + high);
        for (; i < weights.Length; i++)
        {
            sum += (double)weights[i] * vector[i];
        }

        return sum;
    }
}
