using MetaEol.Extensions.Prompting;
using MetaEol.Llama;

namespace MetaEol.Extensions.Pooling;

/// <summary>Makes a text's embedding from its templates' views.</summary>
internal static class MeanPooling
{
    /// <summary>The weighted mean of the views, scaled to L2 norm 1 if asked for.</summary>
    /// <param name="views"><c>[templates × hidden]</c>, row-major.</param>
    /// <param name="templates">The templates, with their weights.</param>
    /// <param name="normalize">Whether to scale to L2 norm 1.</param>
    /// <param name="textIndex">The text's index in its request, for the error.</param>
    /// <exception cref="InvalidModelException">A view is not finite, or the mean is zero and cannot be normalised.</exception>
    public static float[] Pool(ReadOnlySpan<float> views, IReadOnlyList<Template> templates, bool normalize, int textIndex)
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

        double scale = normalize ? 1 / Norm(sum) : 1;
        float[] vector = new float[hidden];
        bool finite = double.IsFinite(scale);
        for (int i = 0; i < hidden; i++)
        {
            vector[i] = (float)(sum[i] * scale);
            finite &= float.IsFinite(vector[i]);
        }

        return finite ? vector : throw NotFinite(views, hidden, templates, textIndex);
    }

    /// <summary>Throws if a view holds NaN or infinity.</summary>
    public static void ThrowIfNotFinite(ReadOnlySpan<float> views, int hidden, IReadOnlyList<Template> templates, int textIndex)
    {
        foreach (float value in views)
        {
            if (!float.IsFinite(value))
            {
                throw NotFinite(views, hidden, templates, textIndex);
            }
        }
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

    private static InvalidModelException NotFinite(ReadOnlySpan<float> views, int hidden, IReadOnlyList<Template> templates, int textIndex)
    {
        for (int i = 0; i < views.Length; i++)
        {
            if (!float.IsFinite(views[i]))
            {
                int perTemplate = views.Length / templates.Count;
                return new InvalidModelException(
                    $"The hidden state of text {textIndex} in template '{templates[i / perTemplate].Name}' is {views[i]} at dimension {i % hidden}: the model's weights hold NaN or infinity, or its arithmetic overflows float32.");
            }
        }

        return new InvalidModelException(
            $"The embedding of text {textIndex} is the zero vector, which has no direction: the model's weights are zero, or the layer carries nothing of the text.");
    }
}
