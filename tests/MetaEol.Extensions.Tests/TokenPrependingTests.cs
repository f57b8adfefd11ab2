using MetaEol.Extensions.Prompting;
using MetaEol.Extensions.Tests.TestSupport;
using MetaEol.Llama;
using MetaEol.Llama.Encoders;
using MetaEol.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MetaEol.Extensions.Tests;

/// <summary>Token prepending as an option of the generator, on the demo model.</summary>
public sealed class TokenPrependingTests : IDisposable
{
    private static readonly string[] Texts = ["A man is playing a guitar.", "A man is playing chess", "", "Is it raining?"];
    private static readonly MetaEolEmbeddingGenerationOptions On = new() { TokenPrepending = true };

    private readonly MetaEolEmbeddingGenerator _generator = New();

    public void Dispose() => _generator.Dispose();

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Generate_On_EqualsTheMeanOfPromptsMadeByHand(int end)
    {
        var options = new MetaEolEmbeddingGenerationOptions { TokenPrepending = true, TokenPrependingEnd = end };
        GeneratedEmbeddings<Embedding<float>> found = await _generator.GenerateAsync(Texts, options);
        var tokenizer = _generator.GetRequiredService<ITokenizer>();
        using LlamaModel model = LlamaModel.Load(TestPaths.DemoModel);
        for (int text = 0; text < Texts.Length; text++)
        {
            var prompts = new List<ReadOnlyMemory<int>>();
            var places = new List<int>();
            foreach (Template template in TemplateSet.MetaEol.Templates)
            {
                // The placeholder stands behind the text's opening quote; before it where the tokenizer makes one token of both quotes, because there is no text.
                int[] ids = tokenizer.Encode(template.Format(PromptSet.Clean(Texts[text])));
                int place = ids.AsSpan().CommonPrefixLength(tokenizer.Encode(template.Prefix));
                Assert.Equal(Texts[text].Length == 0 ? ":" : "\"", tokenizer.Decode([ids[place - 1]]).Trim());
                prompts.Add((int[])[.. ids[..place], ids[^1], .. ids[place..]]);
                places.Add(place);
            }

            using IPromptEncoder encoder = model.CreateEncoder(new CpuEncoderOptions { Threads = 2 });
            float[] states = new float[prompts.Count * encoder.Metadata.Dimensions];
            encoder.Encode(new PromptBatch(prompts, [4]) { Prepending = new TokenPrepending(1, end), Placeholders = places }, states);
            float[] mean = new float[encoder.Metadata.Dimensions];
            for (int i = 0; i < states.Length; i++)
            {
                mean[i % mean.Length] += states[i] / prompts.Count;
            }

            FakeGenerator.AssertClose(mean, found[text].Vector, 1e-5);
        }

        Assert.NotEqual((await _generator.GenerateAsync(Texts))[0].Vector.ToArray(), found[0].Vector.ToArray());
    }

    [Fact]
    public async Task Generate_Off_GivesTheSameBitsAsWithoutTheOption()
    {
        using MetaEolEmbeddingGenerator on = New(options => options.TokenPrepending = true);
        GeneratedEmbeddings<Embedding<float>> off = await on.GenerateAsync(Texts, new MetaEolEmbeddingGenerationOptions { TokenPrepending = false });
        GeneratedEmbeddings<Embedding<float>> without = await _generator.GenerateAsync(Texts);
        for (int i = 0; i < Texts.Length; i++)
        {
            Assert.Equal(without[i].Vector.ToArray(), off[i].Vector.ToArray());
        }
    }

    [Fact]
    public async Task Generate_On_SharesTheInstructionAndCostsOneRowAPrompt()
    {
        using LlamaModel model = LlamaModel.Load(TestPaths.DemoModel);
        var encoder = new RecordingEncoder(model, new CpuEncoderOptions { Threads = 1 });
        using var generator = new MetaEolEmbeddingGenerator(model.Tokenizer, encoder, new MetaEolOptions { TemplateSet = TemplateSet.MetaEol });
        string[] texts = ["Guitars are played.", "Two dogs run.", "Is it raining?"];
        await generator.GenerateAsync(texts);
        await generator.GenerateAsync(texts, On);
        int without = encoder.Passes[0].TokensComputed, with = encoder.Passes[1].TokensComputed;
        Assert.Equal(texts.Length * 8, with - without);
    }

    [Fact]
    public async Task Measure_On_CountsThePlaceholders()
    {
        IReadOnlyList<TextFit> without = await _generator.MeasureAsync(Texts);
        IReadOnlyList<TextFit> with = await _generator.MeasureAsync(Texts, On);
        Assert.Equal(without.Select(fit => fit.PromptTokens + 8), with.Select(fit => fit.PromptTokens));
        Assert.Equal(with.Sum(fit => fit.PromptTokens), (await _generator.GenerateAsync(Texts, On)).Usage!.InputTokenCount);

        // As much less of a long text as a placeholder takes.
        string text = string.Concat(Enumerable.Repeat("dog ", 4000));
        Assert.InRange((await _generator.MeasureAsync([text]))[0].Length - (await _generator.MeasureAsync([text], On))[0].Length, 1, 20);
    }

    [Fact]
    public async Task Views_Explanations_AndSparseVectors_FollowTheOption()
    {
        using MetaEolEmbeddingGenerator on = New(options => options.TokenPrepending = true);
        TemplateEmbeddings views = await on.GenerateTemplateEmbeddingsAsync(Texts, [2, 4]);
        Assert.Equal(views.Values.ToArray(), (await _generator.GenerateTemplateEmbeddingsAsync(Texts, [2, 4], On)).Values.ToArray());
        Assert.NotEqual(views.Values.ToArray(), (await _generator.GenerateTemplateEmbeddingsAsync(Texts, [2, 4])).Values.ToArray());
        Assert.NotEqual(
            (await _generator.ExplainAsync(Texts[0]))[0].Tokens.Select(token => token.Probability), (await on.ExplainAsync(Texts[0]))[0].Tokens.Select(token => token.Probability));
        Assert.Equal((await on.GenerateHybridAsync(Texts))[0].Sparse.Weights.ToArray(), (await on.GenerateSparseAsync(Texts))[0].Weights.ToArray());
        Assert.NotEqual((await _generator.GenerateSparseAsync(Texts))[0].Weights.ToArray(), (await on.GenerateSparseAsync(Texts))[0].Weights.ToArray());

        // Ready prompts are run as they are.
        ReadOnlyMemory<int>[] prompts = [new int[] { 1, 5, 9 }];
        Assert.Equal((await _generator.EncodePromptsAsync([prompts], [-1]).SingleAsync()).States.ToArray(), (await on.EncodePromptsAsync([prompts], [-1]).SingleAsync()).States.ToArray());
    }

    [Fact]
    public async Task Fingerprint_NamesIt_WhereItIsOn()
    {
        Assert.Contains("prepend=1,2", await _generator.GetCacheKeyValuesAsync(On));
        Assert.Equal(await _generator.GetFingerprintAsync(), await _generator.GetFingerprintAsync(new MetaEolEmbeddingGenerationOptions { TokenPrependingEnd = 3 }));
        using MetaEolEmbeddingGenerator on = New(options => options.TokenPrepending = true);
        string[] prints = [await _generator.GetFingerprintAsync(), await on.GetFingerprintAsync(), await on.GetFingerprintAsync(new MetaEolEmbeddingGenerationOptions { TokenPrependingEnd = 4 })];
        Assert.Equal(3, prints.Distinct().Count());
        Assert.NotEqual(await _generator.GetSparseFingerprintAsync(), await on.GetSparseFingerprintAsync());
        Assert.NotEqual(AIJsonUtilities.HashDataToString(["text", On]), AIJsonUtilities.HashDataToString(["text", new MetaEolEmbeddingGenerationOptions()]));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("5")]
    [InlineData("0.0")]
    public void Options_RangeThatIsEmptyOrNoneOfTheModels_IsRefused(string end) => Assert.Contains(
        "TokenPrependingEnd: ",
        Assert.Throws<ArgumentException>(() => New(options => (options.TokenPrepending, options.TokenPrependingEnd) = (true, LayerSelector.Parse(end)))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Configuration_IsRead()
    {
        var services = new ServiceCollection();
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["M:ModelPath"] = TestPaths.DemoModel,
            ["M:TokenPrepending"] = "true",
            ["M:TokenPrependingEnd"] = "75%",
        }).Build();
        services.AddMetaEolEmbeddings(configuration.GetSection("M"));
        using ServiceProvider provider = services.BuildServiceProvider();
        MetaEolOptions options = provider.GetRequiredService<IOptions<MetaEolOptions>>().Value;
        Assert.True(options.TokenPrepending);
        Assert.Equal(LayerSelector.FromDepth(0.75), options.TokenPrependingEnd);
    }

    [Fact]
    public async Task Generate_EncoderWithoutIt_SaysSo()
    {
        using MetaEolEmbeddingGenerator generator = FakeGenerator.Create(new FakeEncoder());
        Assert.Contains("does not do token prepending", (await Assert.ThrowsAsync<NotSupportedException>(() => generator.GenerateAsync(["x"], On))).Message, StringComparison.Ordinal);
    }

    private static MetaEolEmbeddingGenerator New(Action<MetaEolOptions>? configure = null)
    {
        var options = new MetaEolOptions { ModelPath = TestPaths.DemoModel, Normalize = false, Cpu = { Threads = 2 } };
        configure?.Invoke(options);
        return new MetaEolEmbeddingGenerator(options);
    }
}
