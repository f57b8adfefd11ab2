using MetaEol.Llama;
using MetaEol.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

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
        IConfigurationRoot configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["TorchSharp:Device"] = "cpu", ["TorchSharp:Precision"] = "BFloat16", ["TorchSharp:FurtherDevices:0"] = "abacus" }).Build();
        await using ServiceProvider provider = new ServiceCollection().AddMetaEolEmbeddings(TestPaths.DemoModel).UseTorchSharp(configuration.GetSection("TorchSharp")).Services.BuildServiceProvider();
        var generator = provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        var error = await Assert.ThrowsAnyAsync<Exception>(() => generator.GenerateAsync(["x"]));
        Assert.Contains("'abacus'", error.ToString());
        Assert.Contains("BFloat16", error.ToString());
    }

    [Fact]
    public void UseTorchSharp_WrongOption_FailsAtRegistration() =>
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddMetaEolEmbeddings(TestPaths.DemoModel).UseTorchSharp(o => o.PassRows = -1));
}
