using MetaEol.Samples.SemanticKernelRag;
using MetaEol.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.VectorData;
using Microsoft.SemanticKernel;

namespace MetaEol.Samples.Tests;

public class DocumentSearchTests
{
    [Fact]
    public async Task Search_KernelFunction_GivesTheBestParagraphsWithTheirFiles()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("kitchen.md"), "# Kitchen\n\nA good cake needs eggs, sugar and butter.\n\nBoil the potatoes for\ntwenty minutes.\n");
        File.WriteAllText(folder.File("money.txt"), "The bank gives loans to people who want to buy a house.");
        File.WriteAllText(folder.File("picture.png"), "no text");

        IKernelBuilder builder = Kernel.CreateBuilder().AddMetaEolEmbeddingGenerator(TestPaths.DemoModel);
        builder.Services.AddInMemoryVectorStore();
        Kernel kernel = builder.Build();
        VectorStoreCollection<string, SemanticKernelRag.Passage> passages =
            PassageCollection.Open(kernel.GetRequiredService<VectorStore>(), kernel.GetRequiredService<IEmbeddingGenerator>());
        Assert.Equal(3, await PassageCollection.FillAsync(passages, folder.Path));
        Assert.Equal(3, await PassageCollection.FillAsync(passages, folder.Path));
        kernel.Plugins.AddFromObject(new DocumentSearchPlugin(passages), "documents");

        var arguments = new KernelArguments { ["question"] = "Boil the potatoes for twenty minutes.", ["top"] = 2 };
        string[] found = (await kernel.InvokeAsync<string>("documents", "search", arguments))!.Split("\n\n");
        Assert.Equal(2, found.Length);
        Assert.Equal("kitchen.md: Boil the potatoes for twenty minutes.", found[0]);
    }
}
