using MetaEol.Extensions.Prompting;
using MetaEol.Extensions.Tests.TestSupport;
using MetaEol.Llama;
using MetaEol.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
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
    public async Task UseEncoder_WithContext_NeedsNoModelInTheFolder()
    {
        using TemporaryFolder folder = new();
        var services = new ServiceCollection();
        services.AddSingleton("marker");
        services.AddMetaEolEmbeddings(folder.Path)
            .UseTokenizer((_, _) => new FakeTokenizer())
            .UseEncoder(context =>
            {
                Assert.Equal("marker", context.Services!.GetRequiredService<string>());
                Assert.Equal(folder.Path, context.ModelFolder);
                return new FakeEncoder();
            });
        await using ServiceProvider provider = services.BuildServiceProvider();
        var generator = provider.GetRequiredService<MetaEolEmbeddingGenerator>();
        Assert.Single(await generator.GenerateAsync(["a."]));
        Assert.Null(generator.GetService(typeof(LlamaModel)));
    }

    [Fact]
    public async Task ModelPath_NameOfADownloadedModel_IsFoundInTheCache()
    {
        using TemporaryFolder cache = new();
        string snapshot = Path.Combine(cache.Path, "models--demo-makers--small", "snapshots", new string('a', 40));
        Directory.CreateDirectory(snapshot);
        Directory.CreateDirectory(Path.Combine(cache.Path, "models--demo-makers--small", "refs"));
        File.WriteAllText(Path.Combine(cache.Path, "models--demo-makers--small", "refs", "main"), new string('a', 40) + "\n");
        foreach (string file in Directory.GetFiles(TestPaths.DemoModel))
        {
            File.Copy(file, Path.Combine(snapshot, Path.GetFileName(file)));
        }

        string? before = Environment.GetEnvironmentVariable("HF_HUB_CACHE");
        Environment.SetEnvironmentVariable("HF_HUB_CACHE", cache.Path);
        try
        {
            using var generator = new MetaEolEmbeddingGenerator(new MetaEolOptions { ModelPath = "demo-makers/small" });
            Assert.Equal(("demo-makers/small", 256), (generator.Metadata.DefaultModelId, generator.Metadata.DefaultModelDimensions));
            Assert.Single(await generator.GenerateAsync(["a."]));
            ArgumentException e = Assert.Throws<ArgumentException>(() => new MetaEolEmbeddingGenerator(new MetaEolOptions { ModelPath = "demo-makers/large" }));
            Assert.Contains($"no downloaded model of that name in '{cache.Path}'", e.Message);
            Assert.Contains("metaeol pull demo-makers/large", e.Message);
        }
        finally
        {
            Environment.SetEnvironmentVariable("HF_HUB_CACHE", before);
        }
    }

    [Fact]
    public void ModelPath_Relative_StartsAtTheContentRootFromConfiguration_AndAtTheCurrentDirectoryFromCode()
    {
        using TemporaryFolder root = new();
        Directory.CreateDirectory(Path.Combine(root.Path, "models", "small"));
        File.Copy(Path.Combine(TestPaths.DemoModel, "config.json"), Path.Combine(root.Path, "models", "small", "config.json"));
        File.WriteAllText(Path.Combine(root.Path, "set.json"), TemplateSet.PromptEol.ToJson());
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = root.Path });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["MetaEol:ModelPath"] = "models/small",
            ["MetaEol:TemplateSet"] = "set.json",
            ["MetaEol:Cpu:PrefixCachePath"] = "prefixes",
            ["Other:ModelPath"] = "models/small",
            ["Other:TemplateSet"] = "set.json#one-word",
        });
        builder.Services.AddMetaEolEmbeddings();
        builder.Services.AddMetaEolEmbeddings(builder.Configuration.GetSection("Other"), "section");
        builder.Services.AddMetaEolEmbeddings("models/small", serviceKey: "code");
        builder.Services.AddMetaEolEmbeddings(builder.Configuration.GetSection("Other"), "both").Configure(options => options.ModelPath = "models/small");
        using IHost host = builder.Build();
        MetaEolEmbeddingGenerator unkeyed = host.Services.GetRequiredService<MetaEolEmbeddingGenerator>();
        Assert.Equal(Path.Combine(root.Path, "prefixes"), host.Services.GetRequiredService<IOptionsMonitor<MetaEolOptions>>().CurrentValue.Cpu.PrefixCachePath);
        Assert.Equal(("small", 256, "prompteol"), (unkeyed.Metadata.DefaultModelId, unkeyed.Metadata.DefaultModelDimensions, unkeyed.TemplateSet.Name));
        MetaEolEmbeddingGenerator keyed = host.Services.GetRequiredKeyedService<MetaEolEmbeddingGenerator>("section");
        Assert.Equal(("small", "prompteol/one-word"), (keyed.Metadata.DefaultModelId, keyed.TemplateSet.Name));
        foreach (string key in (string[])["code", "both"])
        {
            OptionsValidationException e = Assert.Throws<OptionsValidationException>(() => host.Services.GetRequiredKeyedService<MetaEolEmbeddingGenerator>(key));
            Assert.Contains($"There is no folder '{Path.GetFullPath("models/small")}'", e.Message);
        }

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
