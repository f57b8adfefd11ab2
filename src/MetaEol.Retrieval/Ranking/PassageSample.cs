namespace MetaEol.Retrieval.Ranking;

/// <summary>What the vectors of all passages have in common: their mean, and some of them, evenly spread.</summary>
internal sealed class PassageSample
{
    private const int MostVectors = 2048;

    private readonly double[] _sum;
    private readonly List<float[]> _vectors = [];
    private int _step = 1;

    /// <param name="dimensions">Width of a vector.</param>
    public PassageSample(int dimensions) => _sum = new double[dimensions];

    /// <summary>Number of vectors added.</summary>
    public int Count { get; private set; }

    /// <summary>Some of the vectors.</summary>
    public IReadOnlyList<float[]> Vectors => _vectors;

    /// <summary>Adds a vector, which comes from a file.</summary>
    /// <exception cref="FormatException">It has another width, or a number in it is not finite.</exception>
    public void Add(float[] vector)
    {
        VectorCheck.ThrowIfInvalid(vector, _sum.Length);
        for (int i = 0; i < _sum.Length; i++)
        {
            _sum[i] += vector[i];
        }

        if (Count++ % _step == 0)
        {
            _vectors.Add(vector);
            if (_vectors.Count > MostVectors)
            {
                // From now on every second of those that were taken so far.
                for (int i = 1; i < _vectors.Count; i++)
                {
                    _vectors.RemoveAt(i);
                }

                _step *= 2;
            }
        }
    }

    /// <summary>The mean of all vectors.</summary>
    public float[] Mean() => [.. _sum.Select(value => (float)(value / Math.Max(1, Count)))];
}
