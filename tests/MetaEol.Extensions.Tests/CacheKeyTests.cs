using MetaEol.Extensions.Prompting;
using MetaEol.Extensions.Tests.TestSupport;
using MetaEol.Llama;
using MetaEol.Llama.Encoders;
using MetaEol.Tests;
using Microsoft.Extensions.AI;

namespace MetaEol.Extensions.Tests;

public class CacheKeyTests
{
    [Fact]
    public void CacheKeyValues_ChangeWithEveryOptionThatChangesAVector()
    {
        Action<MetaEolOptions>[] changes =
        [
            _ => { },
            options => options.TemplateSet = TemplateSet.PromptEol,
            options => options.TemplateSet = TemplateSet.PromptEol.WithLayer(-2),
            options => options.TemplateSet = TemplateSet.Retrieval,
            options => options.Layer = -2,
            options => options.Normalize = false,
            options => options.CleanText = false,
            options => options.MaxTextTokens = 10,
            options => options.TextOverflow = TextOverflow.Truncate,
            options => options.Cpu.Precision = Precision.Int8,
            options => options.ModelId = "other",
            options => options.Dimensions = 128,
            options => (options.Dimensions, options.Filter) = (128, DimensionFilter.Random()),
        ];
        Assert.Equal(changes.Length, changes.Select(change => Fingerprint(TestPaths.DemoModel, change)).Distinct().Count());
    }

    [Fact]
    public void CacheKeyValues_DoNotChangeWithSpeedOptionsOrPlace()
    {
        string fingerprint = Fingerprint(TestPaths.DemoModel);
        Assert.Equal(fingerprint, Fingerprint(TestPaths.DemoModel, options => (options.Cpu.Threads, options.Cpu.StepRows, options.Cpu.PrefixCacheBytes, options.CallTokens) = (1, 64, 0, 100)));
        Assert.Equal(fingerprint, Fingerprint(TestPaths.DemoModel, options => options.Layer = 4));
        using TemporaryFolder copy = CopyOfDemoModel();
        Assert.Equal(fingerprint, Fingerprint(copy.Path, options => options.ModelId = "demo"));
    }

    [Theory]
    [InlineData("config.json", "1e-05", "2e-05")]
    [InlineData("tokenizer.json", "\"</s>\"", "\"</t>\"")]
    [InlineData("model.safetensors", null, null)]
    public async Task Fingerprint_ChangesWithTheModelsFiles(string file, string? text, string? other)
    {
        using TemporaryFolder copy = CopyOfDemoModel();
        string path = Path.Combine(copy.Path, file);
        string before = await FingerprintAsync(copy.Path);
        if (text is not null)
        {
            File.WriteAllText(path, File.ReadAllText(path).Replace(text, other, StringComparison.Ordinal));
        }
        else
        {
            byte[] bytes = File.ReadAllBytes(path);
            bytes[^1000] ^= 1;
            File.WriteAllBytes(path, bytes);
        }

        Assert.NotEqual(before, await FingerprintAsync(copy.Path));
    }

    [Fact]
    public async Task Fingerprint_IsThatOfEncoderAndTokenizer()
    {
        string[] fingerprints =
        [
            await FakeAsync("cpu", "bpe"),
            await FakeAsync("libtorch", "bpe"),
            await FakeAsync("cpu", "other"),
            await FakeAsync("cpu", "bpe", options => options.SpecialTokens = SpecialTokenHandling.Recognize),
        ];
        Assert.Equal(fingerprints.Length, fingerprints.Distinct().Count());
        Assert.Equal(fingerprints[0], await FakeAsync("cpu", "bpe", options => options.MaxWaitingTokens = 5));

        static async Task<string> FakeAsync(string encoder, string tokenizer, Action<MetaEolOptions>? configure = null)
        {
            var options = new MetaEolOptions();
            configure?.Invoke(options);
            using var generator = new MetaEolEmbeddingGenerator(new FakeTokenizer { Fingerprint = tokenizer }, new FakeEncoder { Fingerprint = encoder }, options);
            string fingerprint = await generator.GetFingerprintAsync();
            Assert.Equal(fingerprint, generator.GetFingerprint());
            return fingerprint;
        }
    }

    [Fact]
    public async Task Fingerprint_ModelThatCannotBeLoaded_FailsAsTheLoad()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(Path.Combine(folder.Path, "config.json"), "{ not json");
        using MetaEolEmbeddingGenerator generator = New(folder.Path);
        await Assert.ThrowsAsync<InvalidModelException>(() => generator.GetFingerprintAsync());
        Assert.Throws<InvalidModelException>(() => generator.GetCacheKeyValues());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => New(TestPaths.DemoModel).GetFingerprintAsync(new CancellationToken(canceled: true)));
    }

    [Fact]
    public void CacheKeyValues_AreSerialisable() =>
        Assert.All(New(TestPaths.DemoModel).GetCacheKeyValues(), value => Assert.IsType<string>(value));

    // The caching middleware hashes texts and options in this way.
    [Fact]
    public void RequestOptions_WithOtherTemplatesOrLayer_HashDifferently()
    {
        MetaEolEmbeddingGenerationOptions[] options =
        [
            new(),
            new() { Layer = -2 },
            new() { Layer = LayerSelector.FromDepth(0.75) },
            new() { Dimensions = 128 },
            new() { Dimensions = 64 },
            new() { Dimensions = 128, Filter = DimensionFilter.SpectralFrom(3) },
            new() { Dimensions = 128, Filter = DimensionFilter.Random() },
            new() { Role = TextRole.Query },
            new() { TemplateSet = TemplateSet.MetaEol },
            new() { TemplateSet = TemplateSet.MetaEol.WithLayer(-2) },
            new() { TemplateSet = TemplateSet.PromptEol },
            new() { TemplateSet = new TemplateSet("prompteol", [new Template("This sentence : \"{text}\" means in one word:\"", weight: 2)]) },
        ];
        string[] keys = [.. options.Select(option => AIJsonUtilities.HashDataToString(["text", option]))];
        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(keys[1], AIJsonUtilities.HashDataToString(["text", new MetaEolEmbeddingGenerationOptions { Layer = -2 }]));
    }

    private static TemporaryFolder CopyOfDemoModel()
    {
        var folder = new TemporaryFolder();
        foreach (string file in Directory.GetFiles(TestPaths.DemoModel))
        {
            File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
        }

        return folder;
    }

    private static MetaEolEmbeddingGenerator New(string folder, Action<MetaEolOptions>? configure = null)
    {
        var options = new MetaEolOptions { ModelPath = folder };
        configure?.Invoke(options);
        return new MetaEolEmbeddingGenerator(options);
    }

    private static async Task<string> FingerprintAsync(string folder)
    {
        using MetaEolEmbeddingGenerator generator = New(folder);
        return await generator.GetFingerprintAsync();
    }

    private static string Fingerprint(string folder, Action<MetaEolOptions>? configure = null)
    {
        using MetaEolEmbeddingGenerator generator = New(folder, configure);
        return generator.GetFingerprint();
    }
}
