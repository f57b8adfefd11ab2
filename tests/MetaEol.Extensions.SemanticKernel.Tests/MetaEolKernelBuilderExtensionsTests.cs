using MetaEol.Extensions.DependencyInjection;
using MetaEol.Extensions.Prompting;
using MetaEol.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.VectorData;
using Microsoft.SemanticKernel;

namespace MetaEol.Extensions.SemanticKernel.Tests;

public class MetaEolKernelBuilderExtensionsTests
{
    [Fact]
    public async Task AddMetaEolEmbeddingGenerator_Folder_KernelHasTheGenerator()
    {
        Kernel kernel = Kernel.CreateBuilder().AddMetaEolEmbeddingGenerator(TestPaths.DemoModel, options => options.TemplateSet = TemplateSet.PromptEol).Build();
        var generator = kernel.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        Embedding<float> embedding = await generator.GenerateAsync("A cat sits on the mat.");
        Assert.Equal(256, embedding.Vector.Length);
        Assert.Same(generator, kernel.GetRequiredService<IEmbeddingGenerator>());
    }

    [Fact]
    public void AddMetaEolEmbeddingGenerator_Delegate_ReturnsTheBuilderAndSetsTheOptions()
    {
        IKernelBuilder builder = Kernel.CreateBuilder();
        Assert.Same(builder, builder.AddMetaEolEmbeddingGenerator(options => (options.ModelPath, options.ModelId) = (TestPaths.DemoModel, "mine")));
        Assert.Equal("mine", Metadata(builder.Build().GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>()).DefaultModelId);
    }

    [Fact]
    public void AddMetaEolEmbeddingGenerator_Section_IsRead()
    {
        IConfigurationRoot configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["MetaEol:ModelPath"] = TestPaths.DemoModel, ["MetaEol:ModelId"] = "configured" }).Build();
        Kernel kernel = Kernel.CreateBuilder().AddMetaEolEmbeddingGenerator(configuration.GetSection("MetaEol")).Build();
        Assert.Equal("configured", Metadata(kernel.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>()).DefaultModelId);
    }

    [Fact]
    public void AddMetaEolEmbeddingGenerator_With_ConfiguresTheSameGeneratorInEveryOverload()
    {
        IConfigurationRoot configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["MetaEol:ModelPath"] = TestPaths.DemoModel }).Build();
        IKernelBuilder builder = Kernel.CreateBuilder()
            .AddMetaEolEmbeddingGenerator(TestPaths.DemoModel, serviceId: "one", with: Rename)
            .AddMetaEolEmbeddingGenerator(options => options.ModelPath = TestPaths.DemoModel, serviceId: "two", with: Rename)
            .AddMetaEolEmbeddingGenerator(configuration.GetSection("MetaEol"), serviceId: "three", with: Rename);
        Kernel kernel = builder.Build();
        foreach (string serviceId in (string[])["one", "two", "three"])
        {
            Assert.Equal($"{serviceId}, renamed", Metadata(kernel.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>(serviceId)).DefaultModelId);
        }

        static void Rename(MetaEolEmbeddingsBuilder embeddings) => embeddings.Configure(options => options.ModelId = $"{embeddings.ServiceKey}, renamed");
    }

    [Fact]
    public void AddMetaEolEmbeddingGenerator_ServiceIds_AreSeparateGenerators()
    {
        Kernel kernel = Kernel.CreateBuilder()
            .AddMetaEolEmbeddingGenerator(TestPaths.DemoModel, options => options.ModelId = "one", serviceId: "one")
            .AddMetaEolEmbeddingGenerator(TestPaths.DemoModel, options => options.ModelId = "two", serviceId: "two")
            .Build();
        foreach (string serviceId in (string[])["one", "two"])
        {
            Assert.Equal(serviceId, Metadata(kernel.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>(serviceId)).DefaultModelId);
        }
    }

    [Fact]
    public async Task AddMetaEolEmbeddingGenerator_VectorStoreOfTheKernel_EmbedsBySelf()
    {
        IKernelBuilder builder = Kernel.CreateBuilder().AddMetaEolEmbeddingGenerator(TestPaths.DemoModel);
        builder.Services.AddInMemoryVectorStore();
        VectorStoreCollection<int, Note> notes = builder.Build().GetRequiredService<VectorStore>().GetCollection<int, Note>("notes");
        await notes.EnsureCollectionExistsAsync();
        await notes.UpsertAsync([new Note { Id = 1, Text = "The match ended two to one after a late goal." }, new Note { Id = 2, Text = "Boil the potatoes for twenty minutes." }]);
        VectorSearchResult<Note> best = await notes.SearchAsync("Boil the potatoes for twenty minutes.", top: 1).SingleAsync();
        Assert.Equal(2, best.Record.Id);
        Assert.InRange(best.Score!.Value, 0.9999, 1.0001);
    }

    private static EmbeddingGeneratorMetadata Metadata(IEmbeddingGenerator generator) => (EmbeddingGeneratorMetadata)generator.GetService(typeof(EmbeddingGeneratorMetadata))!;

    private sealed class Note
    {
        [VectorStoreKey]
        public int Id { get; set; }

        [VectorStoreData]
        public string Text { get; set; } = "";

        [VectorStoreVector(256)]
        public string Embedding => Text;
    }
}
