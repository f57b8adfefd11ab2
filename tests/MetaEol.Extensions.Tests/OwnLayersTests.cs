using MetaEol.Extensions.Prompting;
using MetaEol.Extensions.Tests.TestSupport;
using MetaEol.Tests;
using Microsoft.Extensions.AI;

namespace MetaEol.Extensions.Tests;

/// <summary>Template sets whose templates have layers of their own.</summary>
public sealed class OwnLayersTests : IDisposable
{
    private readonly MetaEolEmbeddingGenerator _demo = New();

    public void Dispose() => _demo.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Generate_LayerPerTemplate_EqualsTheMeanOfSingleRuns(int seed)
    {
        var random = new Random(seed);
        string[] layers = ["1", "2", "3", "-1", "-2", "50%", "0.8", "last"];
        Template[] templates =
        [
            .. TemplateSet.MetaEol.Templates.Take(2 + random.Next(6)).Select(template => new Template(
                template.Text, template.Name, weight: random.Next(2) == 0 ? 1 : 0.5 + random.NextDouble(), layer: random.Next(4) == 0 ? null : LayerSelector.Parse(layers[random.Next(layers.Length)]))),
        ];
        var set = new TemplateSet("own", templates);
        string[] texts = ["A man is playing a guitar.", "Two dogs run", "Is it raining?", ""];
        var options = new MetaEolEmbeddingGenerationOptions { TemplateSet = set };
        GeneratedEmbeddings<Embedding<float>> found = await _demo.GenerateAsync(texts, options);
        TemplateEmbeddings views = await _demo.GenerateTemplateEmbeddingsAsync(texts, options);

        double total = templates.Sum(template => template.Weight);
        for (int text = 0; text < texts.Length; text++)
        {
            double[] sum = new double[found[text].Vector.Length];
            for (int t = 0; t < templates.Length; t++)
            {
                using MetaEolEmbeddingGenerator alone = New(o => (o.TemplateSet, o.Layer) = (new TemplateSet("one", [new Template(templates[t].Text)]), templates[t].Layer ?? LayerSelector.Last));
                float[] view = await FakeGenerator.VectorAsync(alone, texts[text]);
                FakeGenerator.AssertClose(view, views[text, t], 1e-5);
                Assert.Equal((templates[t].Layer ?? LayerSelector.Last).Resolve(4), views.LayerOf(t));
                for (int i = 0; i < sum.Length; i++)
                {
                    sum[i] += view[i] * templates[t].Weight / total;
                }
            }

            FakeGenerator.AssertClose(Array.ConvertAll(sum, value => (float)value), found[text].Vector, 1e-5);
        }
    }

    [Fact]
    public async Task Generate_LayerPerTemplate_TakesOneCallOfTheEncoder()
    {
        using var encoder = new FakeEncoder();
        var set = new TemplateSet("own", [new Template("A \"{text}\":\"", "a", layer: 3), new Template("B \"{text}\":\"", "b"), new Template("C \"{text}\":\"", "c", layer: 1)]);
        using MetaEolEmbeddingGenerator generator = FakeGenerator.Create(encoder, options => options.TemplateSet = set);
        float[][] vectors = [.. (await generator.GenerateAsync(["One.", "Two."])).Select(embedding => embedding.Vector.ToArray())];
        EncoderCall call = Assert.Single(encoder.Calls);
        Assert.Equal([1, 3, 4], call.Layers);
        Assert.Equal(6, call.Prompts.Count);
        Assert.Equal(2, vectors.Length);
        foreach ((string text, float[] vector) in new[] { "One.", "Two." }.Zip(vectors))
        {
            float[] mean = new float[vector.Length];
            foreach ((Template template, int layer) in set.Templates.Zip([3, 4, 1]))
            {
                float[] state = FakeEncoder.State(new FakeTokenizer().Encode(template.Format(text)), layer, mean.Length);
                mean = [.. mean.Zip(state, (sum, value) => sum + (value / 3))];
            }

            FakeGenerator.AssertClose(mean, vector);
        }
    }

    [Fact]
    public async Task Generate_RequestsOfOtherTemplatesAndTheSameLayers_EachGetsItsOwn()
    {
        using var encoder = new FakeEncoder();
        using var started = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        encoder.OnEncode = (_, _) =>
        {
            started.Set();
            go.Wait();
        };
        using MetaEolEmbeddingGenerator generator = FakeGenerator.Create(encoder);
        TemplateSet[] sets =
        [
            new("x", [new Template("A \"{text}\":\"", "a", layer: 3), new Template("B \"{text}\":\"", "b", layer: 1)]),
            new("y", [new Template("C \"{text}\":\"", "c", layer: 1), new Template("D \"{text}\":\"", "d", layer: 3), new Template("E \"{text}\":\"", "e", layer: 1)]),
        ];
        Task<float[]> first = FakeGenerator.VectorAsync(generator, "Zero.");
        started.Wait();
        Task<float[]>[] calls = [.. sets.Select(set => FakeGenerator.VectorAsync(generator, "Text.", new MetaEolEmbeddingGenerationOptions { TemplateSet = set }))];
        go.Set();
        await first;
        for (int i = 0; i < sets.Length; i++)
        {
            float[] expected = await FakeGenerator.VectorAsync(FakeGenerator.Create(new FakeEncoder(), options => options.TemplateSet = sets[i]), "Text.");
            FakeGenerator.AssertClose(expected, await calls[i]);
        }

        // Both waited behind the first, and want the same layers.
        Assert.Equal(2, encoder.Calls.Count);
    }

    [Fact]
    public async Task Explain_LayerPerTemplate_IsThatOfSingleRuns()
    {
        var set = new TemplateSet("own", [new Template(TemplateSet.MetaEol.Templates[0].Text, "a", layer: 2), new Template(TemplateSet.MetaEol.Templates[1].Text, "b")]);
        IReadOnlyList<TemplateExplanation> found = await _demo.ExplainAsync("The cat sleeps.", 5, new MetaEolEmbeddingGenerationOptions { TemplateSet = set });
        Assert.Equal([2, 4], found.Select(explanation => explanation.Layer));
        for (int t = 0; t < 2; t++)
        {
            var alone = new MetaEolEmbeddingGenerationOptions { TemplateSet = set.Select(set.Templates[t].Name).WithLayer(null), Layer = found[t].Layer };
            Assert.Equal(Assert.Single(await _demo.ExplainAsync("The cat sleeps.", 5, alone)).Tokens.Select(token => token.Id), found[t].Tokens.Select(token => token.Id));
        }
    }

    [Fact]
    public async Task LayerOfTheRequest_IsForTemplatesWithoutOne_AndAnErrorWhereThereAreNone()
    {
        var some = new TemplateSet("some", [new Template("A \"{text}\":\"", "a", layer: 1), new Template("B \"{text}\":\"", "b")]);
        TemplateEmbeddings views = await _demo.GenerateTemplateEmbeddingsAsync(["x"], new MetaEolEmbeddingGenerationOptions { TemplateSet = some, Layer = 2 });
        Assert.Equal([1, 2], [views.LayerOf(0), views.LayerOf(1)]);
        Assert.Equal(1, views.LayerCount);
        Assert.Throws<InvalidOperationException>(() => views.Layers);

        var all = new MetaEolEmbeddingGenerationOptions { TemplateSet = TemplateSet.Duo, Layer = 2 };
        Assert.Contains("'duo' has a layer of its own", (await Assert.ThrowsAsync<ArgumentException>(() => _demo.GenerateAsync(["x"], all))).Message, StringComparison.Ordinal);
        all.TemplateSet = TemplateSet.Duo.WithLayer(null);
        Assert.Single(await _demo.GenerateAsync(["x"], all));
        Assert.Equal([4, 2], (await _demo.GenerateTemplateEmbeddingsAsync(["x"], [4, 2], new MetaEolEmbeddingGenerationOptions { TemplateSet = TemplateSet.Duo })).Layers);
    }

    [Fact]
    public void Options_LayerThatNoTemplateTakesOrNoModelHas_AreRefused()
    {
        Assert.Contains("leave it out", Assert.Throws<ArgumentException>(() => New(options => (options.TemplateSet, options.Layer) = (TemplateSet.Duo, 2))).Message, StringComparison.Ordinal);
        string message = Assert.Throws<ArgumentException>(() => New(options => options.TemplateSet = new TemplateSet("deep", [new Template("\"{text}\"", "a", layer: 40)]))).Message;
        Assert.Contains("Template 'a' of set 'deep': Layer 40 is not in this model", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fingerprint_KnowsTheLayersOfTheTemplates()
    {
        TemplateSet plain = TemplateSet.PromptEol;
        string[] fingerprints =
        [
            .. new[] { plain, plain.WithLayer(-1), plain.WithLayer(2), plain.WithLayer(LayerSelector.FromDepth(0.5)) }
                .Select(set => new MetaEolEmbeddingGenerationOptions { TemplateSet = set })
                .Select(options => _demo.GetFingerprintAsync(options).GetAwaiter().GetResult()),
        ];
        Assert.Equal(4, fingerprints.Distinct().Count());
        Assert.Contains("layer=3,4", await _demo.GetCacheKeyValuesAsync(new MetaEolEmbeddingGenerationOptions { TemplateSet = new TemplateSet("s", [new Template("{text}", "a", layer: 3), new Template("{text} b", "b")]) }));
        Assert.Equal(await _demo.GetFingerprintAsync(), await _demo.GetFingerprintAsync(new MetaEolEmbeddingGenerationOptions { TemplateSet = TemplateSet.MetaEol, Layer = 4 }));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(80)]
    public void Duo_FitsModelsOfAnyDepth_BeforeTheFinalNorm(int layers) =>
        Assert.All(TemplateSet.Duo.Templates, template => Assert.InRange(template.Layer!.Value.Resolve(layers), 0, Math.Max(1, layers - 1)));

    private static MetaEolEmbeddingGenerator New(Action<MetaEolOptions>? configure = null)
    {
        var options = new MetaEolOptions { ModelPath = TestPaths.DemoModel, Normalize = false, Cpu = { Threads = 2 } };
        configure?.Invoke(options);
        return new MetaEolEmbeddingGenerator(options);
    }
}
