using MetaEol.Extensions.Tests.TestSupport;
using MetaEol.Llama;
using MetaEol.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MetaEol.Extensions.Tests.DependencyInjection;

public class RegistrationTests
{
    [Fact]
    public async Task Add_RegistersBothInterfacesAsOneObject()
    {
        var services = new ServiceCollection();
        services.AddFake();
        await using ServiceProvider provider = services.BuildServiceProvider();
        var generic = provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        Assert.Same(generic, provider.GetRequiredService<IEmbeddingGenerator>());
        Assert.Same(generic, provider.GetRequiredService<MetaEolEmbeddingGenerator>());
        Assert.Equal(8, (await generic.GenerateAsync(["a."]))[0].Dimensions);
    }

    [Fact]
    public async Task Add_Keyed_RegistersUnderTheKeyAlone()
    {
        var services = new ServiceCollection();
        services.AddFake("small").Configure(options => options.ModelId = "small model");
        services.AddFake(7);
        await using ServiceProvider provider = services.BuildServiceProvider();
        var small = provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("small");
        var seven = provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(7);
        Assert.Same(small, provider.GetRequiredKeyedService<IEmbeddingGenerator>("small"));
        Assert.NotSame(small, seven);
        Assert.Equal("small model", small.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelId);
        Assert.Equal("demo", seven.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelId);
        Assert.Null(provider.GetService<IEmbeddingGenerator>());
        Assert.Null(provider.GetService<IEmbeddingGenerator<string, Embedding<float>>>());
    }

    [Fact]
    public async Task Add_Twice_KeepsOneGeneratorAndTheLastOptions()
    {
        var services = new ServiceCollection();
        services.AddFake();
        services.AddMetaEolEmbeddings(options => options.ModelId = "second");
        await using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Single(provider.GetServices<IEmbeddingGenerator>());
        Assert.Equal("second", provider.GetRequiredService<IEmbeddingGenerator>().GetService<EmbeddingGeneratorMetadata>()!.DefaultModelId);
    }

    [Fact]
    public async Task Resolve_LoadsNothing_AndFirstCallsAtOnceLoadOnce()
    {
        int loads = 0;
        var services = new ServiceCollection();
        services.AddMetaEolEmbeddings(TestPaths.DemoModel).WithFakes(loading: () =>
        {
            Interlocked.Increment(ref loads);
            Thread.Sleep(50);
        });
        await using ServiceProvider provider = services.BuildServiceProvider();
        var generator = provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        Assert.Equal(256, generator.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelDimensions);
        Assert.Equal(0, loads);
        await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(() => generator.GenerateAsync([$"Text {i}."]))));
        Assert.Equal(1, loads);
    }

    [Fact]
    public async Task Resolve_LoadThatFails_IsTriedAgain()
    {
        int loads = 0;
        var services = new ServiceCollection();
        services.AddMetaEolEmbeddings(TestPaths.DemoModel).WithFakes(loading: () =>
        {
            if (++loads == 1)
            {
                throw new IOException("disk not mounted yet");
            }
        });
        await using ServiceProvider provider = services.BuildServiceProvider();
        var generator = provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        await Assert.ThrowsAsync<IOException>(() => generator.GenerateAsync(["a."]));
        Assert.Single(await generator.GenerateAsync(["a."]));
    }

    [Fact]
    public async Task DisposeProvider_DisposesTheEncoder()
    {
        var encoder = new FakeEncoder();
        var services = new ServiceCollection();
        services.AddMetaEolEmbeddings(TestPaths.DemoModel).WithFakes(encoder);
        await using (ServiceProvider provider = services.BuildServiceProvider())
        {
            await provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync(["a."]);
            _ = provider.GetRequiredService<IEmbeddingGenerator>();
            Assert.Equal(0, encoder.Disposals);
        }

        Assert.True(encoder.Disposals > 0);
    }

    [Fact]
    public async Task UseEncoder_GetsProviderAndModel_UseTokenizer_GetsTheFolder()
    {
        var services = new ServiceCollection();
        services.AddSingleton("marker");
        string? folder = null;
        LlamaModel? model = null;
        services.AddMetaEolEmbeddings(TestPaths.DemoModel)
            .UseTokenizer((provider, path) =>
            {
                folder = path + provider.GetRequiredService<string>();
                return new FakeTokenizer();
            })
            .UseEncoder((provider, loaded) =>
            {
                model = loaded;
                Assert.Equal("marker", provider.GetRequiredService<string>());
                return new FakeEncoder();
            });
        await using ServiceProvider provider = services.BuildServiceProvider();
        var generator = provider.GetRequiredService<MetaEolEmbeddingGenerator>();
        await generator.LoadAsync();
        Assert.Equal(Path.GetFullPath(TestPaths.DemoModel) + "marker", folder);
        Assert.Equal(256, model!.Config.HiddenSize);
        Assert.Same(model, generator.GetService(typeof(LlamaModel)));
    }

    [Fact]
    public async Task Add_WithoutArguments_ReadsTheSectionMetaEol()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["MetaEol:ModelPath"] = TestPaths.DemoModel, ["MetaEol:ModelId"] = "from configuration" })
            .Build());
        services.AddMetaEolEmbeddings();
        await using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Equal("from configuration", provider.GetRequiredService<IEmbeddingGenerator>().GetService<EmbeddingGeneratorMetadata>()!.DefaultModelId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Add_WithoutArgumentsAndWithoutSection_SaysWhatToWrite(bool hasConfiguration)
    {
        var services = new ServiceCollection();
        if (hasConfiguration)
        {
            services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        }

        services.AddMetaEolEmbeddings();
        await using ServiceProvider provider = services.BuildServiceProvider();
        OptionsValidationException e = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IEmbeddingGenerator>());
        Assert.Contains("\"MetaEol\": { \"ModelPath\": ", e.Message);
    }

    [Fact]
    public void Add_NullOrBlankArguments_Throw()
    {
        var services = new ServiceCollection();
        Assert.Throws<ArgumentNullException>(() => services.AddMetaEolEmbeddings((Action<MetaEolOptions>)null!));
        Assert.Throws<ArgumentNullException>(() => services.AddMetaEolEmbeddings((IConfigurationSection)null!));
        Assert.Throws<ArgumentException>(() => services.AddMetaEolEmbeddings(" "));
        Assert.Throws<ArgumentNullException>(() => MetaEolServiceCollectionExtensions.AddMetaEolEmbeddings(null!, "model"));
    }
}
