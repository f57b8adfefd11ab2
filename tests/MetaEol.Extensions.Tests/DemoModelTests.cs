using System.Text.Json;
using MetaEol.Extensions.Prompting;
using MetaEol.Extensions.Tests.TestSupport;
using MetaEol.Llama;
using MetaEol.Tests;
using Microsoft.Extensions.AI;

namespace MetaEol.Extensions.Tests;

/// <summary>The bundled model against the vectors recorded in its <c>reference.json</c>.</summary>
public sealed class DemoModelTests : IDisposable
{
    private const double Tolerance = 2e-5;

    private static readonly Lazy<Sentence[]> Sentences = new(ReadReference);

    private readonly MetaEolEmbeddingGenerator _generator = New();

    public void Dispose() => _generator.Dispose();

    [Fact]
    public async Task Generate_ReferenceSentences_GivesTheRecordedVectors()
    {
        GeneratedEmbeddings<Embedding<float>> embeddings = await _generator.GenerateAsync(Sentences.Value.Select(sentence => sentence.Text));
        Assert.Equal(12, embeddings.Count);
        for (int i = 0; i < embeddings.Count; i++)
        {
            FakeGenerator.AssertClose(Sentences.Value[i].Embedding, embeddings[i].Vector, Tolerance);
        }

        Assert.Equal(Sentences.Value.Sum(sentence => sentence.TokenIds.Sum(ids => (long)ids.Length)), embeddings.Usage!.InputTokenCount);
    }

    [Fact]
    public async Task Prompts_OfReferenceSentences_HaveTheRecordedTokenIds()
    {
        await _generator.LoadAsync();
        var tokenizer = _generator.GetRequiredService<ITokenizer>();
        foreach (Sentence sentence in Sentences.Value)
        {
            Assert.Equal(sentence.Cleaned, PromptSet.Clean(sentence.Text));
            for (int t = 0; t < sentence.TokenIds.Length; t++)
            {
                Assert.Equal(sentence.TokenIds[t], tokenizer.Encode(TemplateSet.MetaEol.Templates[t].Format(sentence.Cleaned)));
            }
        }
    }

    [Fact]
    public async Task Views_AtEveryLayer_AreTheRecordedHiddenStates()
    {
        Sentence[] recorded = [.. Sentences.Value.Where(sentence => sentence.HiddenStates is not null)];
        Assert.NotEmpty(recorded);
        TemplateEmbeddings views = await _generator.GenerateTemplateEmbeddingsAsync(recorded.Select(sentence => sentence.Text), [0, 1, 2, 3, 4]);
        for (int i = 0; i < recorded.Length; i++)
        {
            for (int layer = 0; layer < 5; layer++)
            {
                FakeGenerator.AssertClose(recorded[i].HiddenStates![layer], views[i, 0, layer], Tolerance);
            }
        }
    }

    [Fact]
    public async Task Normalize_KeepsTheRecordedDirection()
    {
        using MetaEolEmbeddingGenerator normalizing = New(options => options.Normalize = true);
        float[] vector = await FakeGenerator.VectorAsync(normalizing, Sentences.Value[0].Text);
        double norm = Math.Sqrt(Sentences.Value[0].Embedding.Sum(value => (double)value * value));
        FakeGenerator.AssertClose(Sentences.Value[0].Embedding.Select(value => (float)(value / norm)).ToArray(), vector, Tolerance);
    }

    [Theory]
    [InlineData(1, 512, 512L << 20)]
    [InlineData(2, 16, 0L)]
    [InlineData(3, 7, 1L << 20)]
    public async Task Generate_ThreadsBatchesAndCache_DoNotChangeAVector(int threads, int microBatchTokens, long cacheBytes)
    {
        using MetaEolEmbeddingGenerator other = New(options => (options.Cpu.Threads, options.Cpu.StepRows, options.Cpu.PrefixCacheBytes) = (threads, microBatchTokens, cacheBytes));
        string[] texts = [.. Sentences.Value.Select(sentence => sentence.Text).Reverse()];
        GeneratedEmbeddings<Embedding<float>> together = await other.GenerateAsync(texts);
        for (int i = 0; i < texts.Length; i++)
        {
            FakeGenerator.AssertClose(await FakeGenerator.VectorAsync(_generator, texts[i]), together[i].Vector, 1e-5);
        }
    }

    [Fact]
    public async Task Generate_ThirtyTwoCallersAtOnce_GetTheVectorsOfOne()
    {
        string[] texts = [.. Sentences.Value.Select(sentence => sentence.Text)];
        float[][] alone = [.. (await _generator.GenerateAsync(texts)).Select(embedding => embedding.Vector.ToArray())];
        using MetaEolEmbeddingGenerator shared = New();
        await Task.WhenAll(Enumerable.Range(0, 32).Select(caller => Task.Run(async () =>
        {
            int[] mine = [caller % 12, ((caller * 5) + 3) % 12, ((caller * 7) + 1) % 12];
            GeneratedEmbeddings<Embedding<float>> embeddings = await shared.GenerateAsync(mine.Select(i => texts[i]));
            for (int i = 0; i < mine.Length; i++)
            {
                FakeGenerator.AssertClose(alone[mine[i]], embeddings[i].Vector, 1e-5);
            }
        })));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("\r\n\t")]
    [InlineData("\ud83d")]
    [InlineData("\0\u0001\uffff")]
    [InlineData("<s></s><unk>")]
    [InlineData("\u0301\u200d\U0001F468\u200d\U0001F469")]
    public async Task Generate_OddText_GivesAFiniteVector(string text)
    {
        float[] vector = await FakeGenerator.VectorAsync(_generator, text);
        Assert.All(vector, value => Assert.True(float.IsFinite(value)));
        Assert.Contains(vector, value => value != 0);
    }

    [Theory]
    [InlineData("He wrote </s><s> and went.", true)]
    [InlineData("<unk>", true)]
    [InlineData("a < b </s", false)]
    public async Task SpecialTokens_OfAText_AreReadAsTheOptionSays(string text, bool matters)
    {
        await _generator.LoadAsync();
        var tokenizer = _generator.GetRequiredService<ITokenizer>();
        using MetaEolEmbeddingGenerator recognizing = New(options => options.SpecialTokens = SpecialTokenHandling.Recognize);
        float[] recognized = await FakeGenerator.VectorAsync(recognizing, text);
        float[] plain = await FakeGenerator.VectorAsync(_generator, text);

        // Recognised, ids are exactly those of the whole prompt; the templates hold no special tokens, so that plain is what the tokenizer reads as plain text.
        FakeGenerator.AssertClose(await MeanOfPromptsAsync(tokenizer, text), recognized, 1e-5);
        FakeGenerator.AssertClose(await MeanOfPromptsAsync(tokenizer.WithSpecialTokens(SpecialTokenHandling.PlainText), text), plain, 1e-5);
        Assert.Equal(matters, recognized.Zip(plain, (a, b) => Math.Abs(a - b)).Max() > 1e-2);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("word ")]
    [InlineData("\U0001F600")]
    public async Task Generate_OneMegabyteText_IsAnErrorOrCutWithinSeconds(string unit)
    {
        string text = string.Concat(Enumerable.Repeat(unit, 1_000_000 / unit.Length));
        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(() => _generator.GenerateAsync(["a.", text]).WaitAsync(Patience.Hang));
        Assert.Contains("Text 1 ", e.Message);
        Assert.Contains("context is 512", e.Message);
        using MetaEolEmbeddingGenerator truncating = New(options => options.TextOverflow = TextOverflow.Truncate);
        GeneratedEmbeddings<Embedding<float>> cut = await truncating.GenerateAsync([text]).WaitAsync(Patience.Hang);
        Assert.All(cut[0].Vector.ToArray(), value => Assert.True(float.IsFinite(value)));
        Assert.InRange(cut.Usage!.InputTokenCount!.Value, 8 * 400, 8 * 512);
    }

    [Theory]
    [InlineData(TextOverflow.Error)]
    [InlineData(TextOverflow.Truncate)]
    public async Task Measure_TellsWhatOfATextFitsAndWhatItCosts(TextOverflow overflow)
    {
        using MetaEolEmbeddingGenerator generator = New(options => options.TextOverflow = overflow), strict = New(_ => { });
        string tooLong = string.Join(' ', Enumerable.Repeat("a word", 500));
        IReadOnlyList<TextFit> fits = await generator.MeasureAsync(["short", "", tooLong]);
        Assert.Equal([5, 0], fits.Take(2).Select(fit => fit.Length));
        Assert.InRange(fits[2].Length, 100, tooLong.Length - 1);

        // What fits is embedded as it is, and costs what was said; a word more is an error.
        string kept = tooLong[..fits[2].Length];
        Assert.Equal(fits[2].PromptTokens, (await strict.GenerateAsync([kept])).Usage!.InputTokenCount);
        await Assert.ThrowsAsync<ArgumentException>(() => strict.GenerateAsync([kept + " and another one"]));
        Assert.Equal(new TextFit(kept.Length, fits[2].PromptTokens), Assert.Single(await generator.MeasureAsync([kept])));
        Assert.Empty(await generator.MeasureAsync([]));
        await Assert.ThrowsAsync<ArgumentException>(() => generator.MeasureAsync([null!]));
    }

    [Fact]
    public async Task Truncate_EqualsTheShorterTextGivenOutright()
    {
        const string text = "A man in a red coat is walking slowly along the river";
        await _generator.LoadAsync();
        var tokenizer = _generator.GetRequiredService<ITokenizer>();
        int end = tokenizer.GetIndexByTokenCount(text, 6);
        Assert.InRange(end, 1, text.Length - 1);
        using MetaEolEmbeddingGenerator truncating = New(options => (options.MaxTextTokens, options.TextOverflow) = (6, TextOverflow.Truncate));
        FakeGenerator.AssertClose(await FakeGenerator.VectorAsync(_generator, text[..end]), await FakeGenerator.VectorAsync(truncating, text), 1e-5);
    }

    [Fact]
    public async Task Explain_GivesWordsByProbabilityForEveryTemplate()
    {
        IReadOnlyList<TemplateExplanation> all = await _generator.ExplainAsync("A man is playing a guitar.", top: 20);
        Assert.Equal(TemplateSet.MetaEol.Templates, all.Select(explanation => explanation.Template));
        foreach (TemplateExplanation explanation in all)
        {
            float[] probabilities = [.. explanation.Tokens.Select(token => token.Probability)];
            Assert.Equal(20, probabilities.Length);
            Assert.Equal(probabilities.OrderDescending(), probabilities);
            Assert.InRange(probabilities.Sum(), 1e-6f, 1.00001f);
        }
    }

    [Fact]
    public async Task Explain_WholeVocabulary_IsTheSoftmaxOfHeadTimesState()
    {
        var options = new MetaEolEmbeddingGenerationOptions { TemplateSet = TemplateSet.PromptEol };
        float[] state = (await _generator.GenerateTemplateEmbeddingsAsync(["A dog runs."], options))[0, 0].ToArray();
        var model = _generator.GetRequiredService<LlamaModel>();
        double[] logits = PlainHead.Logits(model, state);
        double total = logits.Sum(Math.Exp);
        IReadOnlyList<TokenProbability> tokens = Assert.Single(await _generator.ExplainAsync("A dog runs.", top: 10_000, options)).Tokens;
        Assert.Equal(model.Config.VocabularySize, tokens.Count);
        Assert.Equal(1, tokens.Sum(token => token.Probability), 1e-4);
        Assert.All(tokens, token => Assert.Equal(Math.Exp(logits[token.Id]) / total, token.Probability, 1e-5));
        Assert.Equal(Array.IndexOf(logits, logits.Max()), tokens[0].Id);
    }

    [Fact]
    public async Task Explain_EarlierLayer_IsSeenThroughTheFinalNorm()
    {
        IReadOnlyList<TemplateExplanation> early = await _generator.ExplainAsync("A dog runs.", 5, new MetaEolEmbeddingGenerationOptions { Layer = 2 });
        IReadOnlyList<TemplateExplanation> last = await _generator.ExplainAsync("A dog runs.", 5);
        Assert.All(early.SelectMany(explanation => explanation.Tokens), token => Assert.InRange(token.Probability, 0, 1));
        Assert.NotEqual(early[0].Tokens, last[0].Tokens);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _generator.ExplainAsync("a", top: 0));
    }

    [Fact]
    public async Task Dispose_DuringCalls_EndsThemAndFreesTheModel()
    {
        string[] texts = [.. Enumerable.Range(0, 1500).Select(i => $"A man number {i} is playing a guitar in the street.")];
        for (int round = 0; round < 5; round++)
        {
            MetaEolEmbeddingGenerator generator = New();
            Task[] calls = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(() => generator.GenerateAsync(texts)))];
            await Task.Delay(20 * round);
            await Task.Run(generator.Dispose).WaitAsync(Patience.Hang);
            foreach (Task call in calls)
            {
                await Assert.ThrowsAsync<ObjectDisposedException>(() => call.WaitAsync(Patience.Hang));
            }
        }
    }

    private static MetaEolEmbeddingGenerator New(Action<MetaEolOptions>? configure = null)
    {
        var options = new MetaEolOptions { ModelPath = TestPaths.DemoModel, Normalize = false, Cpu = { Threads = 2 } };
        configure?.Invoke(options);
        return new MetaEolEmbeddingGenerator(options);
    }

    private async Task<float[]> MeanOfPromptsAsync(ITokenizer tokenizer, string text)
    {
        ReadOnlyMemory<int>[] prompts = [.. TemplateSet.MetaEol.Templates.Select(template => (ReadOnlyMemory<int>)tokenizer.Encode(template.Format(PromptSet.Clean(text))))];
        ViewBatch views = await _generator.EncodePromptsAsync([prompts], [LayerSelector.Last]).SingleAsync();
        float[] mean = new float[views.HiddenSize];
        for (int i = 0; i < mean.Length; i++)
        {
            mean[i] = (float)Enumerable.Range(0, prompts.Length).Average(p => (double)views[0, p].Span[i]);
        }

        return mean;
    }

    private static Sentence[] ReadReference()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(TestPaths.DemoModel, "reference.json")));
        return [.. document.RootElement.GetProperty("sentences").EnumerateArray().Select(sentence => new Sentence(
            sentence.GetProperty("text").GetString()!,
            sentence.GetProperty("cleaned").GetString()!,
            sentence.GetProperty("prompt_token_ids").Deserialize<int[][]>()!,
            sentence.GetProperty("embedding").Deserialize<float[]>()!,
            sentence.TryGetProperty("first_template_last_token_hidden_states", out JsonElement states) ? states.Deserialize<float[][]>() : null))];
    }

    private sealed record Sentence(string Text, string Cleaned, int[][] TokenIds, float[] Embedding, float[][]? HiddenStates);
}
