using CommunityToolkit.VectorData.InMemory;
using CommunityToolkit.VectorData.SqliteVec;
using MetaEol.Samples.SwapProvider;
using MetaEol.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;

namespace MetaEol.Samples.Tests;

public sealed class KnowledgeBaseTests : IDisposable
{
    private readonly TemporaryFolder _documents = new();
    private readonly TemporaryFolder _database = new();

    public KnowledgeBaseTests()
    {
        File.WriteAllText(_documents.File("a.md"), "# Title\n\nfirst paragraph\n\nsecond paragraph");
        File.WriteAllText(_documents.File("b.txt"), "third paragraph");
    }

    [Fact]
    public async Task EnsureEmbeddedAsync_SameFingerprint_EmbedsOnce()
    {
        var generator = new FakeGenerator(8);
        Assert.True(await Open(generator, "one").EnsureEmbeddedAsync(_documents.Path));
        Assert.Equal(3, generator.Texts);

        // As in the next run of the program.
        Assert.False(await Open(generator, "one").EnsureEmbeddedAsync(_documents.Path));
        Assert.Equal(3, generator.Texts);
        Assert.Equal("second paragraph", await BestAsync(Open(generator, "one"), "second paragraph"));
    }

    [Fact]
    public async Task EnsureEmbeddedAsync_EditedAddedAndDeletedDocuments_EmbedsAnew()
    {
        var generator = new FakeGenerator(8);
        await Open(generator, "one").EnsureEmbeddedAsync(_documents.Path);
        File.WriteAllText(_documents.File("b.txt"), "another paragraph");
        Assert.True(await Open(generator, "one").EnsureEmbeddedAsync(_documents.Path));
        Assert.Equal("another paragraph", await BestAsync(Open(generator, "one"), "another paragraph"));
        File.WriteAllText(_documents.File("c.txt"), "fourth paragraph");
        Assert.True(await Open(generator, "one").EnsureEmbeddedAsync(_documents.Path));
        File.Delete(_documents.File("b.txt"));
        Assert.True(await Open(generator, "one").EnsureEmbeddedAsync(_documents.Path));
        Assert.NotEqual("another paragraph", await BestAsync(Open(generator, "one"), "another paragraph"));

        // A new time stamp is no change.
        File.SetLastWriteTimeUtc(_documents.File("a.md"), DateTime.UtcNow.AddHours(1));
        Assert.False(await Open(generator, "one").EnsureEmbeddedAsync(_documents.Path));
    }

    [Fact]
    public async Task EnsureEmbeddedAsync_OtherProviderWithOtherWidth_EmbedsAnew()
    {
        await Open(new FakeGenerator(8), "one").EnsureEmbeddedAsync(_documents.Path);
        var other = new FakeGenerator(12);
        KnowledgeBase knowledge = Open(other, "two", dimensions: 12);
        Assert.True(await knowledge.EnsureEmbeddedAsync(_documents.Path));
        Assert.Equal(3, other.Texts);
        Assert.Equal("third paragraph", await BestAsync(knowledge, "third paragraph"));
    }

    [Fact]
    public async Task EnsureEmbeddedAsync_Interrupted_IsDoneAgain()
    {
        var generator = new FakeGenerator(8);
        await Open(generator, "one").EnsureEmbeddedAsync(_documents.Path);
        generator.Fails = true;
        await Assert.ThrowsAnyAsync<Exception>(() => Open(generator, "two").EnsureEmbeddedAsync(_documents.Path));
        generator.Fails = false;

        // Back to the first fingerprint: the collection is no longer what it was.
        Assert.True(await Open(generator, "one").EnsureEmbeddedAsync(_documents.Path));
        Assert.False(await Open(generator, "one").EnsureEmbeddedAsync(_documents.Path));
    }

    [Fact]
    public async Task EnsureEmbeddedAsync_InMemoryStore_ServesToo()
    {
        var generator = new FakeGenerator(8);
        using var store = new InMemoryVectorStore(new InMemoryVectorStoreOptions { EmbeddingGenerator = generator });
        Assert.True(await new KnowledgeBase(store, 8, "one").EnsureEmbeddedAsync(_documents.Path));
        Assert.False(await new KnowledgeBase(store, 8, "one").EnsureEmbeddedAsync(_documents.Path));
    }

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _documents.Dispose();
        _database.Dispose();
    }

    private KnowledgeBase Open(IEmbeddingGenerator generator, string fingerprint, int dimensions = 8) =>
        new(new SqliteVectorStore($"Data Source={_database.File("knowledge.db")}", new SqliteVectorStoreOptions { EmbeddingGenerator = generator }), dimensions, fingerprint);

    private static async Task<string> BestAsync(KnowledgeBase knowledge, string question)
    {
        VectorSearchResult<SwapProvider.Passage> best = await knowledge.SearchAsync(question, top: 1).SingleAsync();
        return best.Record.Text;
    }
}
