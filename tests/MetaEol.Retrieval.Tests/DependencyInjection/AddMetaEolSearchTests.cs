using MetaEol.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MetaEol.Retrieval.Tests.DependencyInjection;

public sealed class AddMetaEolSearchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AddMetaEolSearch_Path_GivesOneIndexOverTheRegisteredGenerator()
    {
        HostApplicationBuilder builder = Builder();
        builder.Services.AddMetaEolSearch(_folder["index.db"], options => options.MaxPassageTokens = 64);
        using IHost host = builder.Build();
        await host.StartAsync();
        Assert.False(File.Exists(_folder["index.db"]));

        SearchIndex index = host.Services.GetRequiredService<SearchIndex>();
        await index.UpdateAsync([new SearchDocument("a", "Text.")]);
        Assert.Same(index, host.Services.GetRequiredService<SearchIndex>());
        Assert.Single(await index.SearchAsync("text"));
        Assert.True(File.Exists(_folder["index.db"]));
    }

    [Fact]
    public void AddMetaEolSearch_Configuration_IsRead()
    {
        HostApplicationBuilder builder = Builder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["MetaEolSearch:Path"] = "x.db", ["MetaEolSearch:OverlapTokens"] = "20", ["MetaEolSearch:Properties:model"] = "m" });
        builder.Services.AddMetaEolSearch();
        using IHost host = builder.Build();
        SearchIndexOptions options = host.Services.GetRequiredService<IOptions<SearchIndexOptions>>().Value;
        Assert.Equal(("x.db", 20, "m"), (options.Path, options.OverlapTokens, options.Properties["model"]));
    }

    [Theory]
    [InlineData("MaxPassageTokens", "3", "MaxPassageTokens is 3: write 16 or more")]
    [InlineData("OverlapTokens", "999", "OverlapTokens is 999")]
    [InlineData("BatchSize", "0", "BatchSize is 0")]
    [InlineData("Fingerprint", " ", "Fingerprint is blank")]
    public async Task AddMetaEolSearch_WrongOption_FailsAtStart(string name, string value, string expected)
    {
        HostApplicationBuilder builder = Builder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { [$"MetaEolSearch:{name}"] = value });
        builder.Services.AddMetaEolSearch();
        using IHost host = builder.Build();
        OptionsValidationException exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddMetaEolSearch_MisspeltKey_FailsAtStart()
    {
        HostApplicationBuilder builder = Builder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["MetaEolSearch:Pth"] = "x" });
        builder.Services.AddMetaEolSearch();
        using IHost host = builder.Build();
        Exception exception = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());
        Assert.Contains("Pth", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddMetaEolSearch_Keyed_HasAnIndexForEachKey()
    {
        ServiceCollection services = new();
        services.AddKeyedSingleton<IEmbeddingGenerator<string, Embedding<float>>>("a", new HashGenerator("a"));
        services.AddKeyedSingleton<IEmbeddingGenerator<string, Embedding<float>>>("b", new HashGenerator("b"));
        services.AddMetaEolSearch(options => options.BatchSize = 2, "a").AddMetaEolSearch(_folder["b.db"], serviceKey: "b");
        using ServiceProvider provider = services.BuildServiceProvider();

        await provider.GetRequiredKeyedService<SearchIndex>("b").UpdateAsync([new SearchDocument("x", "Text.")]);
        Assert.Equal("b", SearchIndex.ReadInfo(_folder["b.db"])!.ModelId);
        Assert.Null(await provider.GetRequiredKeyedService<SearchIndex>("a").GetInfoAsync());
    }

    private static HostApplicationBuilder Builder()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(new HashGenerator());
        return builder;
    }
}
