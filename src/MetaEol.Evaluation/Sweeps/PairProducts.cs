using System.Numerics.Tensors;
using MetaEol.Extensions;

namespace MetaEol.Evaluation.Sweeps;

/// <summary>
/// The dot products between all template views of each pair's texts. The cosine of the mean views of any selection of templates follows from them, so that no vector
/// has to be kept: (Σ wᵢaᵢ) · (Σ wⱼbⱼ) = Σ wᵢwⱼ aᵢ · bⱼ.
/// </summary>
internal sealed class PairProducts(int pairCount, int templateCount)
{
    private readonly float[][] _first = new float[pairCount][], _second = new float[pairCount][], _cross = new float[pairCount][];

    /// <summary>The products of one text's views among themselves, and the views, for the products with another text's.</summary>
    public static (float[] Views, float[] Products) Reduce(TemplateEmbeddings views, int text)
    {
        int templates = views.TemplateSet.Templates.Count;
        float[] copy = new float[templates * views.HiddenSize];
        for (int i = 0; i < templates; i++)
        {
            views[text, i].Span.CopyTo(copy.AsSpan(i * views.HiddenSize));
        }

        return (copy, Products(copy, copy, templates));
    }

    public void Add(int pair, (float[] Views, float[] Products) first, (float[] Views, float[] Products) second)
    {
        (_first[pair], _second[pair]) = (first.Products, second.Products);
        _cross[pair] = Products(first.Views, second.Views, templateCount);
    }

    /// <summary>The cosines of all pairs for the templates' weights; a template with weight 0 does not take part.</summary>
    public double[] Cosines(double[] weights)
    {
        int[] used = [.. Enumerable.Range(0, templateCount).Where(template => weights[template] != 0)];
        double[] factors = new double[used.Length * used.Length];
        int[] offsets = new int[factors.Length];
        for (int i = 0; i < factors.Length; i++)
        {
            (int row, int column) = (used[i / used.Length], used[i % used.Length]);
            (factors[i], offsets[i]) = (weights[row] * weights[column], (row * templateCount) + column);
        }

        double[] cosines = new double[_cross.Length];
        for (int pair = 0; pair < cosines.Length; pair++)
        {
            double cross = 0, first = 0, second = 0;
            for (int i = 0; i < factors.Length; i++)
            {
                cross += factors[i] * _cross[pair][offsets[i]];
                first += factors[i] * _first[pair][offsets[i]];
                second += factors[i] * _second[pair][offsets[i]];
            }

            cosines[pair] = first <= 0 || second <= 0 ? 0 : cross / Math.Sqrt(first * second);
        }

        return cosines;
    }

    private static float[] Products(float[] first, float[] second, int templates)
    {
        int width = first.Length / templates;
        float[] products = new float[templates * templates];
        for (int i = 0; i < templates; i++)
        {
            for (int j = 0; j < templates; j++)
            {
                products[(i * templates) + j] = TensorPrimitives.Dot<float>(first.AsSpan(i * width, width), second.AsSpan(j * width, width));
            }
        }

        return products;
    }
}
