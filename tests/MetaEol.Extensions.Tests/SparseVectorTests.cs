using MetaEol.Extensions.Prompting;
using MetaEol.Extensions.Tests.TestSupport;
using MetaEol.Llama;
using MetaEol.Tests;
using Microsoft.Extensions.AI;

namespace MetaEol.Extensions.Tests;

public sealed class SparseVectorTests : IDisposable
{
    private readonly MetaEolEmbeddingGenerator _generator = New();

    public static TheoryData<string> Models => [.. RecordedMethods.ModelsOf("next-token")];

    public void Dispose() => _generator.Dispose();

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Vocabulary_OfRecordedPrompts_EqualsHuggingFace(string model)
    {
        RecordedMethods.NextTokenFile file = RecordedMethods.Read<RecordedMethods.NextTokenFile>("next-token", model);
        using MetaEolEmbeddingGenerator generator = RecordedMethods.NewGenerator(model);
        var options = new SparseEmbeddingOptions { Terms = SparseTerms.Vocabulary, MaxTerms = 32 };
        IReadOnlyList<SparseEmbedding> found = await generator.GenerateSparseAsync(file.Prompts.Select(prompt => IdsTokenizer.Text(prompt.Ids)), options);
        Assert.Equal(file.Prompts.Length, found.Count);
        foreach ((RecordedMethods.NextTokenPrompt prompt, SparseEmbedding sparse) in file.Prompts.Zip(found))
        {
            Assert.Equal(prompt.Sparse.Ids.Order(), sparse.TokenIds.ToArray());
            foreach ((int id, double weight) in prompt.Sparse.Ids.Zip(prompt.Sparse.Weights))
            {
                Assert.Equal(weight, sparse.Weights.Span[sparse.TokenIds.Span.IndexOf(id)], 2e-5);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task TextWords_OfRecordedPrompts_AreTheirTokensWeightsAsWholeNumbers(string model)
    {
        RecordedMethods.NextTokenFile file = RecordedMethods.Read<RecordedMethods.NextTokenFile>("next-token", model);
        using MetaEolEmbeddingGenerator generator = RecordedMethods.NewGenerator(model);
        IReadOnlyList<SparseEmbedding> found = await generator.GenerateSparseAsync(file.Prompts.Select(prompt => IdsTokenizer.Text(prompt.Ids)), new SparseEmbeddingOptions { MaxTerms = 20 });
        foreach ((RecordedMethods.NextTokenPrompt prompt, SparseEmbedding sparse) in file.Prompts.Zip(found))
        {
            // Where a weight is within rounding of a half, either whole number is right.
            int[] best = [.. prompt.Ids.Distinct().OrderByDescending(id => prompt.Logits[id]).Take(20)];
            Assert.All(best, id => Assert.Equal(
                100 * PlainHead.Weight(prompt.Logits[id]), sparse.TokenIds.Span.IndexOf(id) is int at and >= 0 ? sparse.Weights.Span[at] : 0, 0.5 + 1e-3));
            Assert.All(sparse.Weights.ToArray(), weight => Assert.Equal(MathF.Round(weight), weight));
            Assert.Subset(best.ToHashSet(), sparse.TokenIds.ToArray().ToHashSet());
        }
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    [InlineData(true, 40)]
    public async Task Vector_OfSeveralTemplates_IsTheWeightedMeanOfTheirDistributions(bool vocabulary, int texts)
    {
        var set = new TemplateSet("weighted", TemplateSet.MetaEol.Templates.Select((template, i) => new Template(template.Text, template.Name, weight: 1 + i)));
        string[] all = [.. Enumerable.Range(0, texts).Select(i => $"Dog number {i} runs through the snow, and a man plays a guitar.")];
        var options = new SparseEmbeddingOptions { TemplateSet = set, Terms = vocabulary ? SparseTerms.Vocabulary : SparseTerms.TextWords, MaxTerms = 50 };
        IReadOnlyList<SparseEmbedding> found = await _generator.GenerateSparseAsync(all, options);
        foreach (int text in (int[])[0, texts - 1])
        {
            double[] expected = await PlainWeightsAsync(all[text], set);
            SparseEmbedding sparse = found[text];
            if (vocabulary)
            {
                double least = expected.OrderDescending().ElementAt(49);
                Assert.Equal(50, sparse.TokenIds.Length);
                Assert.All(sparse.TokenIds.ToArray().Zip(sparse.Weights.ToArray()), term => Assert.Equal(expected[term.First], term.Second, 2e-5));
                Assert.All(sparse.TokenIds.ToArray(), id => Assert.True(expected[id] >= least - 2e-5));
            }
            else
            {
                int[] ids = await TokensAsync("dog", "number", $"{text}", "runs", "snow", "man", "plays", "guitar");
                AssertWholeNumbers(expected, ids, sparse);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("It is what it is.")]
    [InlineData("... !?")]
    public async Task TextWords_NoWordsLeft_AreTheTenHeaviestOfTheVocabulary(string text)
    {
        double[] expected = await PlainWeightsAsync(text, TemplateSet.MetaEol);
        SparseEmbedding sparse = Assert.Single(await _generator.GenerateSparseAsync([text]));
        Assert.Equal(10, sparse.TokenIds.Length);
        AssertWholeNumbers(expected, [.. Enumerable.Range(0, expected.Length).OrderByDescending(id => expected[id]).Take(10)], sparse);
        Assert.Equal(3, Assert.Single(await _generator.GenerateSparseAsync([text], new SparseEmbeddingOptions { MaxTerms = 3 })).TokenIds.Length);
    }

    [Fact]
    public async Task TextWords_MaxTerms_KeepsTheHeaviest()
    {
        const string text = "A man in a red coat is walking slowly along the river with two old dogs.";
        SparseEmbedding all = Assert.Single(await _generator.GenerateSparseAsync([text]));
        SparseEmbedding few = Assert.Single(await _generator.GenerateSparseAsync([text], new SparseEmbeddingOptions { MaxTerms = 3 }));
        Assert.InRange(all.TokenIds.Length, 6, 20);
        Assert.Equal(all.Weights.ToArray().OrderDescending().Take(3), few.Weights.ToArray().OrderDescending());
    }

    [Fact]
    public async Task Texts_TogetherAndAlone_GetTheSameVectors()
    {
        string[] texts = ["", "Dogs run.", "It is.", "A man plays a guitar.", "Dogs run."];
        foreach (SparseTerms terms in Enum.GetValues<SparseTerms>())
        {
            var options = new SparseEmbeddingOptions { Terms = terms };
            IReadOnlyList<SparseEmbedding> together = await _generator.GenerateSparseAsync(texts, options);
            Assert.Equal(texts.Length, together.Count);
            for (int i = 0; i < texts.Length; i++)
            {
                SparseEmbedding alone = Assert.Single(await _generator.GenerateSparseAsync([texts[i]], options));
                Assert.Equal(alone.TokenIds.ToArray(), together[i].TokenIds.ToArray());
                Assert.All(alone.Weights.ToArray().Zip(together[i].Weights.ToArray()), pair => Assert.Equal(pair.First, pair.Second, terms == SparseTerms.TextWords ? 1 : 1e-4));
            }
        }

        Assert.Empty(await _generator.GenerateSparseAsync([]));
    }

    [Fact]
    public async Task Truncate_WordsBehindTheCut_DoNotCount()
    {
        using MetaEolEmbeddingGenerator truncating = New(options => (options.MaxTextTokens, options.TextOverflow) = (3, TextOverflow.Truncate));
        const string text = "Dogs run through snow and water";
        await _generator.LoadAsync();
        var tokenizer = (ITokenizer)_generator.GetService(typeof(ITokenizer))!;
        string kept = text[..tokenizer.GetIndexByTokenCount(text, 3)];
        Assert.DoesNotContain("water", kept);
        SparseEmbedding cut = Assert.Single(await truncating.GenerateSparseAsync([text]));
        SparseEmbedding given = Assert.Single(await _generator.GenerateSparseAsync([kept]));
        Assert.Equal(given.TokenIds.ToArray(), cut.TokenIds.ToArray());
    }

    [Fact]
    public async Task Layer_OfDenseVectors_IsNotThatOfSparseOnes()
    {
        using MetaEolEmbeddingGenerator early = New(options => options.Layer = 2);
        float[] last = Assert.Single(await _generator.GenerateSparseAsync(["Dogs run."])).Weights.ToArray();
        Assert.Equal(last, Assert.Single(await early.GenerateSparseAsync(["Dogs run."])).Weights.ToArray());
        Assert.NotEqual(last, Assert.Single(await early.GenerateSparseAsync(["Dogs run."], new SparseEmbeddingOptions { Layer = 2 })).Weights.ToArray());
    }

    [Fact]
    public async Task Arguments_ThatCannotBeServed_SayWhy()
    {
        Assert.Contains("MaxTerms", (await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _generator.GenerateSparseAsync(["a"], new SparseEmbeddingOptions { MaxTerms = 0 }))).Message);
        Assert.Contains("TextWords or Vocabulary", (await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _generator.GenerateSparseAsync(["a"], new SparseEmbeddingOptions { Terms = (SparseTerms)7 }))).Message);
        Assert.Contains("Text 1 is null", (await Assert.ThrowsAsync<ArgumentException>(() => _generator.GenerateSparseAsync(["a", null!]))).Message);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => _generator.GenerateSparseAsync(["a"], new SparseEmbeddingOptions { Layer = 99 }));
        using MetaEolEmbeddingGenerator headless = FakeGenerator.Create(new FakeEncoder());
        Assert.Contains("create it from a model folder", (await Assert.ThrowsAsync<NotSupportedException>(() => headless.GenerateSparseAsync(["a"]))).Message);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("2")]
    public async Task Hybrid_GivesBothVectorsFromOnePass(string layer)
    {
        var encoders = new List<RecordingEncoder>();
        var options = new MetaEolOptions { ModelPath = TestPaths.DemoModel, Layer = LayerSelector.Parse(layer), TemplateSet = TemplateSet.MetaEol.Select("topic", "fact"), CallTokens = 300 };
        MetaEolEmbeddingGenerator Recorded() => new(options, createEncoder: context =>
        {
            encoders.Add(new RecordingEncoder(context.Model, options.Cpu));
            return encoders[^1];
        });
        using MetaEolEmbeddingGenerator generator = Recorded(), other = Recorded();
        string[] texts = ["Dogs run.", "", "A man plays a guitar in the street.", "It is.", "Snow."];
        IReadOnlyList<HybridEmbedding> both = await generator.GenerateHybridAsync(texts);
        GeneratedEmbeddings<Embedding<float>> dense = await other.GenerateAsync(texts);
        Assert.Equal(encoders[1].Passes, encoders[0].Passes);
        IReadOnlyList<SparseEmbedding> sparse = await other.GenerateSparseAsync(texts);
        Assert.Equal(texts.Length, both.Count);
        for (int i = 0; i < texts.Length; i++)
        {
            FakeGenerator.AssertClose(dense[i].Vector, both[i].Dense.Vector, 1e-5);
            Assert.Equal("demo", both[i].Dense.ModelId);
            Assert.Equal(sparse[i].TokenIds.ToArray(), both[i].Sparse.TokenIds.ToArray());
            Assert.All(sparse[i].Weights.ToArray().Zip(both[i].Sparse.Weights.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1));
        }

        Assert.Empty(await generator.GenerateHybridAsync([]));
        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateHybridAsync(["a"], sparse: new SparseEmbeddingOptions { TemplateSet = TemplateSet.PromptEol }));
        Assert.Contains("'prompteol'", e.Message);
        using MetaEolEmbeddingGenerator headless = FakeGenerator.Create(new FakeEncoder());
        await Assert.ThrowsAsync<NotSupportedException>(() => headless.GenerateHybridAsync(["a"]));
    }

    [Fact]
    public async Task Cancellation_EndsTheRequest()
    {
        using var cancelled = new CancellationTokenSource();
        var encoder = new FakeEncoder(hiddenSize: 256, layers: 4, context: 512, vocabulary: 6144) { OnEncode = (_, _) => cancelled.Cancel() };
        using var generator = new MetaEolEmbeddingGenerator(
            new MetaEolOptions { ModelPath = TestPaths.DemoModel },
            createEncoder: context =>
            {
                _ = context.Model;
                return encoder;
            });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => generator.GenerateSparseAsync(["Dogs run."], cancellationToken: cancelled.Token));
        encoder.OnEncode = null;
        Assert.Single(await generator.GenerateSparseAsync(["Dogs run."]));
    }

    [Fact]
    public async Task Dispose_DuringRequests_EndsThem()
    {
        string[] texts = [.. Enumerable.Range(0, 1500).Select(i => $"A man number {i} is playing a guitar in the street.")];
        for (int round = 0; round < 3; round++)
        {
            MetaEolEmbeddingGenerator generator = New();
            Task[] calls = [.. Enumerable.Range(0, 4).Select(i => Task.Run(() => generator.GenerateSparseAsync(texts, new SparseEmbeddingOptions { Terms = (SparseTerms)(i % 2) })))];
            await Task.Delay(100 * round);
            await Task.Run(generator.Dispose).WaitAsync(Patience.Hang);
            foreach (Task call in calls)
            {
                await Assert.ThrowsAsync<ObjectDisposedException>(() => call.WaitAsync(Patience.Hang));
            }
        }
    }

    [Fact]
    public async Task Fingerprint_DiffersWhereVectorsDo()
    {
        using MetaEolEmbeddingGenerator other = New(options => (options.Layer, options.Normalize) = (2, true));
        string usual = await _generator.GetSparseFingerprintAsync();
        Assert.Equal(usual, await other.GetSparseFingerprintAsync(new SparseEmbeddingOptions { TemplateSet = TemplateSet.MetaEol, Layer = 4 }));
        SparseEmbeddingOptions[] others = [new() { MaxTerms = 12 }, new() { Terms = SparseTerms.Vocabulary }, new() { Layer = 3 }, new() { TemplateSet = TemplateSet.PromptEol }];
        string[] all = [usual, await _generator.GetFingerprintAsync(), .. await Task.WhenAll(others.Select(options => _generator.GetSparseFingerprintAsync(options)))];
        Assert.Equal(all.Length, all.Distinct().Count());
    }

    private static MetaEolEmbeddingGenerator New(Action<MetaEolOptions>? configure = null)
    {
        var options = new MetaEolOptions { ModelPath = TestPaths.DemoModel, Cpu = { Threads = 2 } };
        configure?.Invoke(options);
        return new MetaEolEmbeddingGenerator(options);
    }

    private static void AssertWholeNumbers(double[] expected, int[] ids, SparseEmbedding sparse)
    {
        Assert.All(ids, id => Assert.Equal(100 * expected[id], sparse.TokenIds.Span.IndexOf(id) is int at and >= 0 ? sparse.Weights.Span[at] : 0, 0.5 + 1e-3));
        Assert.All(sparse.Weights.ToArray(), weight => Assert.Equal(MathF.Round(weight), weight));
        Assert.Subset(ids.ToHashSet(), sparse.TokenIds.ToArray().ToHashSet());
    }

    private async Task<double[]> PlainWeightsAsync(string text, TemplateSet set)
    {
        TemplateEmbeddings views = await _generator.GenerateTemplateEmbeddingsAsync([text], new MetaEolEmbeddingGenerationOptions { TemplateSet = set });
        var model = (LlamaModel)_generator.GetService(typeof(LlamaModel))!;
        double[] mean = new double[model.Config.VocabularySize];
        for (int t = 0; t < set.Templates.Count; t++)
        {
            double share = set.Templates[t].Weight / set.Templates.Sum(template => template.Weight);
            mean = [.. mean.Zip(PlainHead.Logits(model, views[0, t].Span), (sum, logit) => sum + (share * PlainHead.Weight(logit)))];
        }

        return mean;
    }

    // The demo model's tokenizer begins with BOS and ends with nothing.
    private async Task<int[]> TokensAsync(params string[] words)
    {
        await _generator.LoadAsync();
        var tokenizer = (ITokenizer)_generator.GetService(typeof(ITokenizer))!;
        return [.. words.SelectMany(word => tokenizer.Encode(word).Skip(1)).Distinct()];
    }
}
