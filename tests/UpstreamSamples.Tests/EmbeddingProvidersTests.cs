using MetaEol.Samples.SwapProvider;
using MetaEol.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace MetaEol.Samples.Tests;

public class EmbeddingProvidersTests
{
    [Theory]
    [InlineData("MetaEol", "metaeol", 256)]
    [InlineData("OpenAI", "openai", 1536)]
    [InlineData("Ollama", "ollama", 768)]
    public void AddConfiguredEmbeddings_EachProvider_RegistersBothInterfaces(string provider, string providerName, int dimensions)
    {
        IConfigurationSection embeddings = Configure(("Provider", provider), ("OpenAI:ApiKey", "none"));
        using ServiceProvider services = new ServiceCollection().AddConfiguredEmbeddings(embeddings).BuildServiceProvider();
        var generator = services.GetRequiredService<IEmbeddingGenerator>();
        Assert.Same(generator, services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>());
        Assert.Equal(providerName, ((EmbeddingGeneratorMetadata)generator.GetService(typeof(EmbeddingGeneratorMetadata))!).ProviderName, ignoreCase: true);
        Assert.Equal(dimensions, EmbeddingProviders.Dimensions(generator, embeddings));
    }

    [Fact]
    public void AddConfiguredEmbeddings_UnknownProvider_SaysWhichThereAre()
    {
        var error = Assert.Throws<InvalidOperationException>(() => new ServiceCollection().AddConfiguredEmbeddings(Configure(("Provider", "Abacus"))));
        Assert.Contains("'Abacus'", error.Message);
        Assert.Contains("MetaEol, OpenAI or Ollama", error.Message);
    }

    [Fact]
    public void AddConfiguredEmbeddings_NoKey_SaysWhereToWriteIt()
    {
        using ServiceProvider services = new ServiceCollection().AddConfiguredEmbeddings(Configure(("Provider", "OpenAI"))).BuildServiceProvider();
        var error = Assert.Throws<InvalidOperationException>(services.GetRequiredService<IEmbeddingGenerator>);
        Assert.Contains("Embeddings__OpenAI__ApiKey", error.Message);
    }

    [Fact]
    public async Task Fingerprint_EveryProviderAndTemplateSet_IsAnother()
    {
        string[] fingerprints =
        [
            await FingerprintOfAsync(("Provider", "MetaEol")), await FingerprintOfAsync(("Provider", "MetaEol"), ("MetaEol:TemplateSet", "prompteol")), await FingerprintOfAsync(("Provider", "MetaEol"), ("MetaEol:Layer", "75%")),
            await FingerprintOfAsync(("Provider", "OpenAI"), ("OpenAI:ApiKey", "none")), await FingerprintOfAsync(("Provider", "OpenAI"), ("OpenAI:ApiKey", "none"), ("OpenAI:Model", "text-embedding-3-large")),
            await FingerprintOfAsync(("Provider", "Ollama")),
        ];
        Assert.Equal(fingerprints.Length, fingerprints.Distinct().Count());
        Assert.Equal(fingerprints[0], await FingerprintOfAsync(("Provider", "MetaEol")));
    }

    private static async Task<string> FingerprintOfAsync(params (string Key, string Value)[] settings)
    {
        IConfigurationSection embeddings = Configure(settings);
        using ServiceProvider services = new ServiceCollection().AddConfiguredEmbeddings(embeddings).BuildServiceProvider();
        var generator = services.GetRequiredService<IEmbeddingGenerator>();
        return await EmbeddingProviders.FingerprintAsync(generator, EmbeddingProviders.Dimensions(generator, embeddings));
    }

    /// <summary>The sample's own appsettings.json with some settings changed.</summary>
    private static IConfigurationSection Configure(params (string Key, string Value)[] settings)
    {
        string file = Path.Combine(TestPaths.Root, "samples", "04.SwapProvider", "appsettings.json");
        return new ConfigurationBuilder().AddJsonFile(file)
            .AddInMemoryCollection([new("Embeddings:MetaEol:ModelPath", TestPaths.DemoModel), .. settings.Select(setting => new KeyValuePair<string, string?>($"Embeddings:{setting.Key}", setting.Value))])
            .Build().GetSection("Embeddings");
    }
}
