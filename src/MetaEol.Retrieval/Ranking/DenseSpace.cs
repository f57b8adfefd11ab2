using System.Numerics.Tensors;

namespace MetaEol.Retrieval.Ranking;

/// <summary>
/// The space in which questions and passages are compared. A language model's vectors all lie in a narrow cone, and questions in another corner of it than statements:
/// so the mean of the passages is taken off, and the direction in which questions as such differ from passages is left out. Both need no data but the index itself.
/// </summary>
internal sealed class DenseSpace
{
    // So few passages tell little of what all have in common.
    private const double PriorPassages = 4;
    private const float Vanishing = 1e-6f;

    private readonly float[] _center;
    private readonly float[]? _questionDirection;

    /// <param name="sum">Sum of the vectors of all passages.</param>
    /// <param name="count">Number of passages, at least 1.</param>
    /// <param name="questionMean">Mean vector of questions as such, or null.</param>
    public DenseSpace(ReadOnlySpan<double> sum, int count, ReadOnlySpan<float> questionMean)
    {
        _center = new float[sum.Length];
        float[] direction = new float[sum.Length];
        for (int i = 0; i < sum.Length; i++)
        {
            double mean = sum[i] / count;
            _center[i] = (float)(mean * count / (count + PriorPassages));
            direction[i] = questionMean.IsEmpty ? 0 : (float)(questionMean[i] - mean);
        }

        float norm = TensorPrimitives.Norm<float>(direction);
        if (norm > Vanishing)
        {
            TensorPrimitives.Divide(direction, norm, direction);
            _questionDirection = direction;
        }
    }

    /// <summary>Takes a vector into the space, with length 1; to zeros where nothing of it is left.</summary>
    public void Map(ReadOnlySpan<float> vector, Span<float> mapped)
    {
        TensorPrimitives.Subtract(vector, _center, mapped);
        if (_questionDirection is not null)
        {
            TensorPrimitives.MultiplyAdd(_questionDirection, -TensorPrimitives.Dot<float>(mapped, _questionDirection), mapped, mapped);
        }

        float norm = TensorPrimitives.Norm<float>(mapped);
        if (norm > Vanishing)
        {
            TensorPrimitives.Divide(mapped, norm, mapped);
        }
        else
        {
            mapped.Clear();
        }
    }
}
