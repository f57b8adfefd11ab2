using MetaEol.Llama;
using MetaEol.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MetaEol.Extensions.TorchSharp.Tests.DependencyInjection;

public class UseTorchSharpTests
{
    [Fact]
    public async Task UseTorchSharp_Generator_GivesTheSameVectorsAsTheCpuEncoder()
    {
        string[] texts = ["A cat sits on the mat.", "The market fell by three percent.", "Invoice 4711 is overdue."];
        await using ServiceProvider torch = new ServiceCollection().AddMetaEolEmbeddings(TestPaths.DemoModel).UseTorchSharp(o => (o.Device, o.Threads) = ("cpu", 1)).Services.BuildServiceProvider();
        await using ServiceProvider cpu = new ServiceCollection().AddMetaEolEmbeddings(TestPaths.DemoModel).Services.BuildServiceProvider();
        var generator = torch.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        GeneratedEmbeddings<Embedding<float>> found = await generator.GenerateAsync(texts);
        GeneratedEmbeddings<Embedding<float>> expected = await cpu.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync(texts);
        Assert.IsType<TorchSharpPromptEncoder>(generator.GetService(typeof(IPromptEncoder)));
        for (int i = 0; i < texts.Length; i++)
        {
            Assert.InRange(RelativeError.Largest(expected[i].Vector.Span, found[i].Vector.Span, expected[i].Vector.Length), 0, 1e-5);
        }
    }

    [Fact]
    public async Task UseTorchSharp_ConfigurationSection_IsRead()
    {
        await using ServiceProvider provider = Register(("Devices:0", "CPU"), ("Precision", "float16"), ("Devices:1", "cpu"), ("DevicesPerReplica", "2"), ("PassRows", "100"), ("PrefixCacheBytes", "0"), ("Threads", "1")).BuildServiceProvider();
        var generator = (MetaEolEmbeddingGenerator)provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        await generator.LoadAsync();
        Assert.Contains("libtorch Float16", ((IPromptEncoder)generator.GetService(typeof(IPromptEncoder))!).Fingerprint);
    }

    [Fact]
    public async Task UseTorchSharp_LayerOfTheOptions_IsAllThatIsUploadedUntilARequestAsksForMore()
    {
        await using ServiceProvider provider = new ServiceCollection().AddMetaEolEmbeddings(TestPaths.DemoModel, o => o.Layer = LayerSelector.FromDepth(0.5)).UseTorchSharp(o => (o.Device, o.Threads) = ("cpu", 1)).Services.BuildServiceProvider();
        var generator = provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        await generator.GenerateAsync(["A cat."]);
        var encoder = (TorchSharpPromptEncoder)generator.GetService(typeof(IPromptEncoder))!;
        Assert.Equal(encoder.Metadata.LayerCount / 2, encoder.Backend.UploadedLayers);
        await generator.GenerateAsync(["A cat."], new MetaEolEmbeddingGenerationOptions { Layer = LayerSelector.Last });
        Assert.Equal(encoder.Metadata.LayerCount, encoder.Backend.UploadedLayers);
    }

    [Theory]
    [InlineData("Devise", "cpu", "TorchSharp:Devise is not an option: here stand Device")]
    [InlineData("Device", "abacus", "'abacus' is not a device; write auto, cpu, mps, cuda:0")]
    [InlineData("Devices:0", "gpu", "'gpu' is not a device; write auto, cpu, mps, cuda:0")]
    [InlineData("Precision", "Float99", "TorchSharp:Precision is 'Float99': write Float32 or BFloat16")]
    [InlineData("PassRows", "many", "TorchSharp:PassRows is 'many': write a whole number up to 2147483647")]
    [InlineData("PassRows", "0", "PassRows is 0; it must be at least 1")]
    [InlineData("Threads:Count", "2", "TorchSharp:Threads is a section: write one value")]
    public void UseTorchSharp_WrongKeyOrValue_SaysWhatIsAccepted(string key, string value, string message) =>
        Assert.Contains(message, Assert.Throws<OptionsValidationException>(() => Register((key, value))).Message);

    [Fact]
    public void UseTorchSharp_SeveralWrongValues_AreAllNamed() =>
        Assert.Equal(3, Assert.Throws<OptionsValidationException>(() => Register(("Device", "abacus"), ("Precision", "x"), ("Color", "red"))).Failures.Count());

    [Fact]
    public void UseTorchSharp_WrongOption_FailsAtRegistration() =>
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddMetaEolEmbeddings(TestPaths.DemoModel).UseTorchSharp(o => o.PassRows = -1));

    private static IServiceCollection Register(params (string Key, string Value)[] settings)
    {
        IConfigurationRoot configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>($"TorchSharp:{setting.Key}", setting.Value))).Build();
        return new ServiceCollection().AddMetaEolEmbeddings(TestPaths.DemoModel).UseTorchSharp(configuration.GetSection("TorchSharp")).Services;
    }
}
