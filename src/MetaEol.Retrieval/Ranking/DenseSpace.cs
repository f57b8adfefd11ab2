using System.Numerics.Tensors;

namespace MetaEol.Retrieval.Ranking;

/// <summary>
/// The space in which questions and passages are compared. A language model's vectors all lie in a narrow cone, and questions in another corner of it than statements.
/// So the mean of the passages is taken off; and two directions are left out: that in which questions as such differ from passages, and that in which passages differ
/// most from one another, which is length and manner more than subject (Mu and Viswanath, "All-but-the-top", arXiv 1702.01417). It needs no data but the index itself.
/// </summary>
internal sealed class DenseSpace
{
    // So few passages tell little of what all have in common, and what they differ in most is their subject.
    private const double PriorPassages = 4;
    private const int LeastForPrincipal = 100;

    private const int Iterations = 20;
    private const float Vanishing = 1e-6f;

    private readonly float[] _center;
    private readonly List<float[]> _directions = [];

    /// <param name="passages">The passages as a whole.</param>
    /// <param name="questionMean">Mean vector of questions as such, or null.</param>
    public DenseSpace(PassageSample passages, float[]? questionMean)
    {
        float[] mean = passages.Mean();
        _center = new float[mean.Length];
        TensorPrimitives.Multiply(mean, (float)(passages.Count / (passages.Count + PriorPassages)), _center);
        if (questionMean is not null)
        {
            float[] direction = new float[mean.Length];
            TensorPrimitives.Subtract(questionMean, mean, direction);
            AddDirection(direction);
        }

        if (passages.Count >= LeastForPrincipal)
        {
            AddDirection(Principal(passages.Vectors));
        }
    }

    /// <summary>Takes a vector into the space, with length 1; to zeros where nothing of it is left.</summary>
    public void Map(ReadOnlySpan<float> vector, Span<float> mapped)
    {
        Project(vector, mapped);
        if (!Normalize(mapped))
        {
            mapped.Clear();
        }
    }

    private void Project(ReadOnlySpan<float> vector, Span<float> projected)
    {
        TensorPrimitives.Subtract(vector, _center, projected);
        foreach (float[] direction in _directions)
        {
            TensorPrimitives.MultiplyAdd(direction, -TensorPrimitives.Dot<float>(projected, direction), projected, projected);
        }
    }

    private void AddDirection(float[] direction)
    {
        if (Normalize(direction))
        {
            _directions.Add(direction);
        }
    }

    /// <summary>The direction of the greatest spread, by power iteration from always the same beginning.</summary>
    private float[] Principal(IReadOnlyList<float[]> vectors)
    {
        int dimensions = _center.Length;
        float[] projected = new float[vectors.Count * dimensions];
        for (int i = 0; i < vectors.Count; i++)
        {
            Project(vectors[i], projected.AsSpan(i * dimensions, dimensions));
        }

        Random random = new(dimensions);
        float[] direction = [.. Enumerable.Range(0, dimensions).Select(_ => (float)(random.NextDouble() - 0.5))], next = new float[dimensions];
        for (int iteration = 0; iteration < Iterations && Normalize(direction); iteration++)
        {
            Array.Clear(next);
            for (int i = 0; i < vectors.Count; i++)
            {
                ReadOnlySpan<float> vector = projected.AsSpan(i * dimensions, dimensions);
                TensorPrimitives.MultiplyAdd(vector, TensorPrimitives.Dot(vector, direction), next, next);
            }

            (direction, next) = (next, direction);
        }

        return direction;
    }

    private static bool Normalize(Span<float> vector)
    {
        float norm = TensorPrimitives.Norm<float>(vector);
        if (norm <= Vanishing)
        {
            return false;
        }

        TensorPrimitives.Divide(vector, norm, vector);
        return true;
    }
}
