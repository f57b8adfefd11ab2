namespace MetaEol.Retrieval.Ranking;

/// <summary>The vectors of all passages as they stood at one moment, in memory. Safe for use by many threads at once.</summary>
internal abstract class PassageVectors
{
    // A piece of work for a thread; and no array of more elements than there may be.
    private const int ElementsPerBlock = 1 << 20;
    private const long ElementsWorthThreads = 1 << 21;

    /// <param name="generation">The state of the index that they are of.</param>
    /// <param name="ids">The passages' ids, in ascending order.</param>
    /// <param name="space">The space that they are mapped into.</param>
    /// <param name="dimensions">Width of a vector.</param>
    protected PassageVectors(long generation, long[] ids, DenseSpace? space, int dimensions)
    {
        Generation = generation;
        Ids = ids;
        Space = space;
        Dimensions = dimensions;
    }

    public long Generation { get; }

    /// <summary>The passages' ids, in ascending order.</summary>
    public long[] Ids { get; }

    public int Count => Ids.Length;

    public int Dimensions { get; }

    /// <summary>The space that questions are mapped into; null where there are no passages.</summary>
    public DenseSpace? Space { get; }

    /// <summary>Whether scores are exact but for rounding of float32 sums.</summary>
    public abstract bool IsExact { get; }

    /// <summary>The place of a passage in the scores; negative where there is none.</summary>
    public int PlaceOf(long id) => Array.BinarySearch(Ids, id);

    /// <summary>Computes the cosine of every passage with a question.</summary>
    /// <param name="question">The question's vector in <see cref="Space"/>.</param>
    public float[] Score(float[] question)
    {
        float[] scores = new float[Count];
        int blockRows = BlockRows(Dimensions), blocks = (Count + blockRows - 1) / blockRows;
        if ((long)Count * Dimensions < ElementsWorthThreads)
        {
            for (int block = 0; block < blocks; block++)
            {
                ScoreBlock(block, question, scores.AsSpan(block * blockRows, Math.Min(blockRows, Count - (block * blockRows))));
            }
        }
        else
        {
            Parallel.For(0, blocks, block => ScoreBlock(block, question, scores.AsSpan(block * blockRows, Math.Min(blockRows, Count - (block * blockRows)))));
        }

        return scores;
    }

    /// <summary>Number of rows of each block but the last.</summary>
    protected static int BlockRows(int dimensions) => Math.Max(1, ElementsPerBlock / dimensions);

    /// <summary>Computes the scores of one block's rows.</summary>
    protected abstract void ScoreBlock(int block, float[] question, Span<float> scores);
}
