using System.Numerics.Tensors;

namespace MetaEol.Retrieval.Ranking;

/// <summary>Passages' vectors in float32.</summary>
internal sealed class FloatVectors : PassageVectors
{
    private readonly float[][] _blocks;

    private FloatVectors(long generation, long[] ids, DenseSpace? space, int dimensions, float[][] blocks)
        : base(generation, ids, space, dimensions) => _blocks = blocks;

    public override bool IsExact => true;

    /// <summary>Takes vectors as their generator gave them, and maps them.</summary>
    public static FloatVectors Create(long generation, IEnumerable<PassageVector> vectors, int dimensions, float[]? questionMean)
    {
        List<long> ids = [];
        List<float[]> blocks = [];
        PassageSample sample = new(dimensions);
        int blockRows = BlockRows(dimensions);
        foreach ((long id, ulong key, float[] vector) in vectors)
        {
            sample.Add(key, vector);
            int row = ids.Count % blockRows;
            if (row == 0)
            {
                blocks.Add(new float[blockRows * dimensions]);
            }

            vector.CopyTo(blocks[^1].AsSpan(row * dimensions));
            ids.Add(id);
        }

        if (ids.Count == 0)
        {
            return new FloatVectors(generation, [], null, dimensions, []);
        }

        DenseSpace space = new(sample, questionMean);
        Parallel.For(0, blocks.Count, block =>
        {
            for (int row = 0; row < blockRows; row++)
            {
                Span<float> vector = blocks[block].AsSpan(row * dimensions, dimensions);
                space.Map(vector, vector);
            }
        });
        return new FloatVectors(generation, [.. ids], space, dimensions, [.. blocks]);
    }

    protected override void ScoreBlock(int block, float[] question, Span<float> scores)
    {
        ReadOnlySpan<float> rows = _blocks[block];
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = TensorPrimitives.Dot(rows.Slice(i * Dimensions, Dimensions), question);
        }
    }
}
