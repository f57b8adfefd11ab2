using MetaEol.Extensions.Prompting;
using Microsoft.Extensions.AI;

namespace MetaEol.Extensions.Tests.TestSupport;

/// <summary>Generators over a <see cref="FakeEncoder"/>, and the vectors they must give.</summary>
internal static class FakeGenerator
{
    public static readonly TemplateSet TwoTemplates = new("two", [new Template("A \"{text}\":\"", "a"), new Template("Longer B \"{text}\" :\"", "b")]);

    public static MetaEolEmbeddingGenerator Create(FakeEncoder encoder, Action<MetaEolOptions>? configure = null)
    {
        var options = new MetaEolOptions { TemplateSet = TwoTemplates, Normalize = false, ModelId = "fake" };
        configure?.Invoke(options);
        return new MetaEolEmbeddingGenerator(new FakeTokenizer(), encoder, options);
    }

    /// <summary>The plain mean over the templates of the states of a text that needs no cleaning.</summary>
    public static float[] Expected(string text, FakeEncoder encoder, int layer, TemplateSet? set = null)
    {
        set ??= TwoTemplates;
        int hidden = encoder.Metadata.Dimensions;
        double[] sum = new double[hidden];
        foreach (Template template in set.Templates)
        {
            float[] state = FakeEncoder.State(new FakeTokenizer().Encode(template.Format(text)), layer, hidden);
            for (int d = 0; d < hidden; d++)
            {
                sum[d] += state[d] * template.Weight / set.Templates.Sum(t => t.Weight);
            }
        }

        return [.. sum.Select(value => (float)value)];
    }

    public static void AssertClose(ReadOnlyMemory<float> expected, ReadOnlyMemory<float> actual, double tolerance = 1e-6)
    {
        Assert.Equal(expected.Length, actual.Length);
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow(expected.Span[i] - actual.Span[i], 2);
            norm += Math.Pow(expected.Span[i], 2);
        }

        double error = Math.Sqrt(difference / norm);
        Assert.True(error <= tolerance, $"Relative L2 error {error:E2} is above {tolerance:E1}.");
    }

    public static async Task<float[]> VectorAsync(IEmbeddingGenerator<string, Embedding<float>> generator, string text, EmbeddingGenerationOptions? options = null) =>
        (await generator.GenerateAsync([text], options))[0].Vector.ToArray();
}
