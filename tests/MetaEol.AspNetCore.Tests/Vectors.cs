using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;
using Microsoft.Extensions.AI;

namespace MetaEol.AspNetCore.Tests;

/// <summary>What vectors should be.</summary>
internal static class Vectors
{
    /// <summary>As far as batching may change a vector, relative.</summary>
    public const double Tolerance = 1e-5;

    public static async Task<float[]> OfAsync(MetaEolEmbeddingGenerator generator, string text, TemplateSet? templates = null, TextRole? role = null)
    {
        GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync([text], new MetaEolEmbeddingGenerationOptions { TemplateSet = templates, Role = role });
        return embeddings[0].Vector.ToArray();
    }

    public static void AssertEqual(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual) => Assert.InRange(Distance(expected, actual), 0, Tolerance);

    /// <summary>The relative L2 distance; 1 and more where the widths differ.</summary>
    public static double Distance(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        if (expected.Length != actual.Length)
        {
            return double.PositiveInfinity;
        }

        double difference = 0, norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow((double)expected[i] - actual[i], 2);
            norm += Math.Pow(expected[i], 2);
        }

        return Math.Sqrt(difference / norm);
    }
}
