using MetaEol.Extensions.Prompting;
using MetaEol.Llama;

namespace MetaEol.Extensions.Pooling;

/// <summary>Makes a text's embedding from its templates' views.</summary>
internal static class MeanPooling
{
    /// <summary>The weighted mean of the views, scaled to L2 norm 1 if asked for.</summary>
    /// <param name="views"><c>[templates × hidden]</c>, row-major, finite.</param>
    /// <param name="templates">The templates, with their weights.</param>
    /// <param name="normalize">Whether to scale to L2 norm 1.</param>
    /// <param name="textIndex">The text's index in its request, for the error.</param>
    /// <exception cref="InvalidModelException">The mean is the zero vector.</exception>
    public static float[] Pool(ReadOnlySpan<float> views, IReadOnlyList<Template> templates, bool normalize, int textIndex) => Finish(Mean(views, templates), normalize, textIndex);

    /// <summary>The weighted mean of the views.</summary>
    /// <param name="views"><c>[templates × hidden]</c>, row-major, finite.</param>
    /// <param name="templates">The templates, with their weights.</param>
    public static double[] Mean(ReadOnlySpan<float> views, IReadOnlyList<Template> templates)
    {
        int hidden = views.Length / templates.Count;
        double totalWeight = templates.Sum(template => template.Weight);
        double[] sum = new double[hidden];
        for (int t = 0; t < templates.Count; t++)
        {
            ReadOnlySpan<float> view = views.Slice(t * hidden, hidden);
            double share = templates[t].Weight / totalWeight;
            for (int i = 0; i < hidden; i++)
            {
                sum[i] += share * view[i];
            }
        }

        return sum;
    }

    /// <summary>Makes an embedding of a mean, filtered or not: scaled to L2 norm 1 if asked for, in float32.</summary>
    /// <param name="mean">The mean.</param>
    /// <param name="normalize">Whether to scale to L2 norm 1.</param>
    /// <param name="textIndex">The text's index in its request, for the error.</param>
    /// <exception cref="InvalidModelException">The mean is the zero vector.</exception>
    public static float[] Finish(ReadOnlySpan<double> mean, bool normalize, int textIndex)
    {
        double scale = normalize ? 1 / Norm(mean) : 1;
        float[] embedding = new float[mean.Length];
        for (int i = 0; i < embedding.Length; i++)
        {
            embedding[i] = (float)(mean[i] * scale);
        }

        return double.IsFinite(scale) && embedding.AsSpan().ContainsAnyExcept(0f)
            ? embedding
            : throw new InvalidModelException(
                $"The embedding of text {textIndex} is the zero vector, which has no direction: its views cancel each other out, or are smaller than float32 can tell from zero.");
    }

    private static double Norm(ReadOnlySpan<double> vector)
    {
        double squares = 0;
        foreach (double value in vector)
        {
            squares += value * value;
        }

        return Math.Sqrt(squares);
    }
}
