namespace MetaEol.Retrieval.Ranking;

/// <summary>
/// What the vectors of all passages have in common: their mean, and some of them. Which these are depends on the passages alone, and not on the order in which they were
/// indexed, so that an index with a history gives the same answers as one made at once.
/// </summary>
internal sealed class PassageSample
{
    private const int MostVectors = 2048;

    private readonly double[] _sum;
    private readonly PriorityQueue<float[], ulong> _chosen = new(Comparer<ulong>.Create((first, second) => second.CompareTo(first)));

    /// <param name="dimensions">Width of a vector.</param>
    public PassageSample(int dimensions) => _sum = new double[dimensions];

    /// <summary>Number of vectors added.</summary>
    public int Count { get; private set; }

    /// <summary>Some of the vectors: those with the smallest keys, in their order.</summary>
    public IReadOnlyList<float[]> Vectors => [.. _chosen.UnorderedItems.OrderBy(item => item.Priority).Select(item => item.Element)];

    /// <summary>Adds a vector, which comes from a file.</summary>
    /// <param name="key">A number that the passage's text gives and that looks random.</param>
    /// <param name="vector">The vector.</param>
    /// <exception cref="FormatException">It has another width, or a number in it is not finite.</exception>
    public void Add(ulong key, float[] vector)
    {
        VectorCheck.ThrowIfInvalid(vector, _sum.Length);
        for (int i = 0; i < _sum.Length; i++)
        {
            _sum[i] += vector[i];
        }

        Count++;
        if (_chosen.Count < MostVectors)
        {
            _chosen.Enqueue(vector, key);
        }
        else
        {
            _chosen.EnqueueDequeue(vector, key);
        }
    }

    /// <summary>The mean of all vectors.</summary>
    public float[] Mean() => [.. _sum.Select(value => (float)(value / Math.Max(1, Count)))];
}
