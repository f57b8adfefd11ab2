using MetaEol.Extensions;
using MetaEol.Samples.HybridVectorStore;
using MetaEol.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.VectorData;

namespace MetaEol.Samples.Tests;

public sealed class HybridSearchTests : IAsyncLifetime
{
    private readonly ServiceProvider _services = new ServiceCollection().AddLogging().AddMetaEolEmbeddings(TestPaths.DemoModel).Services.AddInMemoryVectorStore().BuildServiceProvider();
    private IReadOnlyList<StoredPassage> _passages = [];
    private WordTable? _words;
    private HybridSearch? _search;

    public async Task InitializeAsync()
    {
        MetaEolEmbeddingGenerator generator = _services.GetRequiredService<MetaEolEmbeddingGenerator>();
        await generator.LoadAsync();
        VectorStoreCollection<string, StoredPassage> collection = PassageStore.Open(_services.GetRequiredService<VectorStore>(), generator);
        string documents = Path.Combine(TestPaths.Root, "samples", "01.Quickstart", "documents");
        await PassageStore.FillAsync(collection, generator, documents);
        _passages = await PassageStore.FillAsync(collection, generator, documents);
        _words = new WordTable(_passages);
        _search = new HybridSearch(collection, _words, _passages.Count);
    }

    public async Task DisposeAsync()
    {
        _words?.Dispose();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task Search_WordsAndVectors_EachFindWhatTheOtherMisses()
    {
        // A word that stands in one passage; and a question that has no word in common with any.
        HybridResult violin = (await _search!.SearchAsync("violin", 1))[0];
        Assert.Contains("violin", violin.Passage.Text, StringComparison.Ordinal);
        Assert.True(violin.Words > violin.Vectors);

        HybridResult wordless = (await _search.SearchAsync("Xyzzy?", 1))[0];
        Assert.Equal(0, wordless.Words);
        Assert.True(wordless.Vectors > 0);

        HybridResult both = (await _search.SearchAsync("How much sleep do I need?", 1))[0];
        Assert.StartsWith("health.md:5", both.Passage.Id, StringComparison.Ordinal);
        Assert.True(both.Words > 0 && both.Vectors > 0);
    }

    [Fact]
    public async Task Search_All_GivesEachPassageOnceBestFirst()
    {
        IReadOnlyList<HybridResult> found = await _search!.SearchAsync("Who sings in church?", _passages.Count);
        Assert.Equal(_passages.Select(passage => passage.Id).Order(), found.Select(result => result.Passage.Id).Order());
        Assert.Equal(found.OrderByDescending(result => result.Words + result.Vectors), found);
        Assert.Contains("sings in the church", found[0].Passage.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"quoted\" AND (NOT -NEAR* col:on")]
    [InlineData("?!")]
    public async Task Search_SignsOfAQueryLanguage_AreNoOperators(string question) => Assert.Equal(3, (await _search!.SearchAsync(question, 3)).Count);
}
