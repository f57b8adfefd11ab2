using System.Numerics;

namespace MetaEol.Retrieval.Ranking;

/// <summary>
/// Passages' vectors in 8 bits, each with a scale: a quarter of the memory and of the time, which is that of reading them. Their scores say which passages are worth
/// an exact look.
/// </summary>
internal sealed class ByteVectors : PassageVectors
{
    private const int MostOfByte = 127;

    private readonly sbyte[][] _blocks;
    private readonly float[] _scales;

    private ByteVectors(long generation, long[] ids, DenseSpace? space, int dimensions, sbyte[][] blocks, float[] scales)
        : base(generation, ids, space, dimensions)
    {
        _blocks = blocks;
        _scales = scales;
    }

    public override bool IsExact => false;

    /// <summary>Takes vectors as their generator gave them, maps and rounds them.</summary>
    /// <param name="generation">The state of the index that they are of.</param>
    /// <param name="vectors">The vectors; enumerated twice, so that they never all stand in memory.</param>
    /// <param name="dimensions">Width of a vector.</param>
    /// <param name="questionMean">Mean vector of questions as such, or null.</param>
    public static ByteVectors Create(long generation, Func<IEnumerable<PassageVector>> vectors, int dimensions, float[]? questionMean)
    {
        PassageSample sample = new(dimensions);
        foreach ((_, ulong key, float[] vector) in vectors())
        {
            sample.Add(key, vector);
        }

        int count = sample.Count;
        if (count == 0)
        {
            return new ByteVectors(generation, [], null, dimensions, [], []);
        }

        DenseSpace space = new(sample, questionMean);
        long[] ids = new long[count];
        float[] scales = new float[count], mapped = new float[dimensions];
        int blockRows = BlockRows(dimensions), place = 0;
        sbyte[][] blocks = new sbyte[(count + blockRows - 1) / blockRows][];
        foreach ((long id, _, float[] vector) in vectors())
        {
            int row = place % blockRows;
            sbyte[] block = blocks[place / blockRows] ??= new sbyte[blockRows * dimensions];
            space.Map(vector, mapped);
            scales[place] = Round(mapped, block.AsSpan(row * dimensions, dimensions));
            ids[place++] = id;
        }

        return new ByteVectors(generation, ids, space, dimensions, blocks, scales);
    }

    protected override void ScoreBlock(int block, float[] question, Span<float> scores)
    {
        sbyte[] rounded = new sbyte[Dimensions];
        float scale = Round(question, rounded);
        short[] widened = [.. rounded.Select(value => (short)value)];
        int first = block * BlockRows(Dimensions);
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = scale * _scales[first + i] * Dot(_blocks[block].AsSpan(i * Dimensions, Dimensions), widened);
        }
    }

    /// <summary>Rounds a vector to whole numbers from -127 to 127.</summary>
    /// <returns>What to multiply them by.</returns>
    internal static float Round(ReadOnlySpan<float> vector, Span<sbyte> rounded)
    {
        float most = 0;
        foreach (float value in vector)
        {
            most = Math.Max(most, Math.Abs(value));
        }

        float scale = most / MostOfByte;
        for (int i = 0; i < vector.Length; i++)
        {
            rounded[i] = scale > 0 ? (sbyte)MathF.Round(vector[i] / scale) : (sbyte)0;
        }

        return scale;
    }

    /// <summary>The dot product of a row and a question, both from -127 to 127.</summary>
    internal static int Dot(ReadOnlySpan<sbyte> row, ReadOnlySpan<short> question)
    {
        int width = Vector<sbyte>.Count, half = Vector<short>.Count, i = 0;
        Vector<int> sum = Vector<int>.Zero;
        for (; i <= row.Length - width; i += width)
        {
            // Two products of at most 127² fit into 16 bits together.
            Vector.Widen(new Vector<sbyte>(row[i..]), out Vector<short> low, out Vector<short> high);
            Vector.Widen((low * new Vector<short>(question[i..])) + (high * new Vector<short>(question[(i + half)..])), out Vector<int> first, out Vector<int> second);
            sum += first + second;
        }

        int total = Vector.Sum(sum);
        for (; i < row.Length; i++)
        {
            total += row[i] * question[i];
        }

        return total;
    }
}
