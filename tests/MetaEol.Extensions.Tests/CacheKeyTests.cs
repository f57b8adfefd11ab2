using MetaEol.Extensions.Loading;
using MetaEol.Extensions.Prompting;
using MetaEol.Extensions.Tests.TestSupport;
using MetaEol.Llama.Encoding;
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
            options => options.TemplateSet = "prompteol",
            options => options.Layer = -2,
            options => options.Normalize = false,
            options => options.CleanText = false,
            options => options.MaxTextTokens = 10,
            options => options.TextOverflow = TextOverflow.Truncate,
            options => options.Precision = Precision.Int8,
            options => options.ModelId = "other",
        ];
        Assert.Equal(changes.Length, changes.Select(change => Fingerprint(TestPaths.DemoModel, change)).Distinct().Count());
    }

    [Fact]
    public void CacheKeyValues_DoNotChangeWithSpeedOptionsOrPlace()
    {
        string fingerprint = Fingerprint(TestPaths.DemoModel);
        Assert.Equal(fingerprint, Fingerprint(TestPaths.DemoModel, options => (options.Threads, options.MicroBatchTokens, options.PrefixCacheBytes) = (1, 64, 0)));
        Assert.Equal(fingerprint, Fingerprint(TestPaths.DemoModel, options => options.Layer = 4));
        using TemporaryFolder copy = CopyOfDemoModel();
        Assert.Equal(fingerprint, Fingerprint(copy.Path, options => options.ModelId = "demo"));
    }

    [Theory]
    [InlineData("config.json", 10)]
    [InlineData("tokenizer.json", 1000)]
    [InlineData("model.safetensors", 100)]
    public void Fingerprint_ChangesWithTheModelsFiles(string file, int position)
    {
        using TemporaryFolder copy = CopyOfDemoModel();
        byte[] bytes = File.ReadAllBytes(Path.Combine(copy.Path, file));
        string before = ModelFingerprint.Compute(copy.Path);
        bytes[position] ^= 1;
        File.WriteAllBytes(Path.Combine(copy.Path, file), bytes);
        Assert.NotEqual(before, ModelFingerprint.Compute(copy.Path));
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
            new() { TemplateSet = TemplateSet.MetaEol },
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

    private static string Fingerprint(string folder, Action<MetaEolOptions>? configure = null)
    {
        using MetaEolEmbeddingGenerator generator = New(folder, configure);
        return generator.GetFingerprint();
    }
}
