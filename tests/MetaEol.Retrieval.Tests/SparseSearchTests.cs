using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;
using MetaEol.Tests;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.AI;

namespace MetaEol.Retrieval.Tests;

/// <summary>Sparse vectors in an index, and reranking, with the demo model.</summary>
public sealed class SparseSearchTests : IDisposable
{
    private static readonly SearchDocument[] Documents =
    [
        new("music.txt", "The band plays a slow song on the guitar.\n\nThe singer has a beautiful voice."),
        new("money.txt", "The stock market fell sharply today.\n\nInvestors sold their shares."),
        new("animals.txt", "A dog runs through the snow.\n\nTwo cats sleep on a chair.\n\nBirds fly south when it gets cold."),
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly MetaEolEmbeddingGenerator _generator = new(new MetaEolOptions { ModelPath = TestPaths.DemoModel, TemplateSet = TemplateSet.PromptEol, Cpu = { Threads = 2 } });

    private string IndexPath => _folder["index.db"];

    public void Dispose()
    {
        _generator.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sparse_Search_RanksByTheDotProductsOfTheGenerator(bool inFile)
    {
        using SearchIndex index = new(_generator, new SearchIndexOptions { Path = inFile ? IndexPath : null });
        await index.UpdateAsync(Documents);
        const string question = "Which dog sleeps in the snow?";
        IReadOnlyList<SearchResult> found = await index.SearchAsync(question, new SearchOptions { Mode = SearchMode.Sparse, Top = 10 });
        Assert.Equal("A dog runs through the snow.", found[0].Passage.Text);
        SparseEmbedding asked = (await _generator.GenerateSparseAsync([question]))[0];
        foreach (SearchResult result in found)
        {
            // Weights are rounded, and may be rounded otherwise in another batch.
            double expected = asked.Dot((await _generator.GenerateSparseAsync([result.Passage.EmbeddedText]))[0]);
            Assert.InRange(result.Score, expected * 0.95, expected * 1.05);
            Assert.Equal(new PartScore(result.Score, found.Count(other => other.Score > result.Score) + 1, result.Score), result.Sparse);
            Assert.True(result.Dense is null && result.Words is null && result.Score > 0);
        }

        Assert.InRange(found.Count, 1, 6);
        Assert.Equal(found.OrderByDescending(result => result.Score), found);

        // A document more, and one less.
        await index.UpdateAsync([.. Documents.Take(2), new SearchDocument("new.txt", "The snow is deep.")]);
        found = await index.SearchAsync("dog in deep snow", new SearchOptions { Mode = SearchMode.Sparse });
        Assert.Equal("The snow is deep.", found[0].Passage.Text);
        Assert.DoesNotContain(found, result => result.Passage.Document == "animals.txt");
    }

    [Fact]
    public async Task Hybrid_Search_AddsTheSparsePart()
    {
        using SearchIndex index = new(_generator, new SearchIndexOptions { Path = IndexPath }), without = new(_generator, new SearchIndexOptions { Sparse = false });
        await index.UpdateAsync(Documents);
        await without.UpdateAsync(Documents);
        IReadOnlyList<SearchResult> found = await index.SearchAsync("dog in the snow", new SearchOptions { Top = 10 });
        Assert.Equal(7, found.Count);
        Assert.All(found, result => Assert.Equal(result.Score, (result.Words?.Contribution ?? 0) + result.Dense!.Contribution + (result.Sparse?.Contribution ?? 0), 9));
        Assert.True(found[0].Sparse!.Contribution > 0);
        Assert.Equal(1, found[0].Sparse!.Rank);

        // What the other parts say does not change by it.
        IReadOnlyList<SearchResult> others = await without.SearchAsync("dog in the snow", new SearchOptions { Top = 10 });
        Assert.All(others, result => Assert.Null(result.Sparse));
        Assert.Equal(others.Select(result => (result.Passage.Text, Math.Round(result.Dense!.Contribution, 3))).Order(), found.Select(result => (result.Passage.Text, Math.Round(result.Dense!.Contribution, 3))).Order());

        // Opened anew, without a generator too.
        await index.AddAsync([new SearchDocument("snow.txt", "The snow is deep.")]);
        using SearchIndex again = new(null, new SearchIndexOptions { Path = IndexPath });
        SimilarPassages similar = await again.FindSimilarAsync("animals.txt", 1, new SearchOptions { Mode = SearchMode.Sparse });
        Assert.All(similar.Others, result => Assert.True(result.Sparse is not null && result.Dense is null));
        Assert.Equal(("The snow is deep.", 1), (similar.Others[0].Passage.Text, similar.Others[0].Sparse!.Rank));
        Assert.NotNull((await again.FindSimilarAsync("animals.txt", 1)).Others[0].Dense);
    }

    [Fact]
    public async Task Index_KeepsOneKindOfVectors()
    {
        using (SearchIndex index = new(_generator, new SearchIndexOptions { Path = IndexPath }))
        {
            await index.UpdateAsync(Documents);
        }

        using SearchIndex other = new(_generator, new SearchIndexOptions { Path = IndexPath, Sparse = false });
        await Assert.ThrowsAsync<IndexMismatchException>(() => other.SearchAsync("dog"));
        await Assert.ThrowsAsync<IndexMismatchException>(() => other.UpdateAsync(Documents));
        await other.ResetAsync();
        Assert.Equal(7, (await other.UpdateAsync(Documents)).Embedded);
        Assert.Contains("keeps no sparse vectors", (await Assert.ThrowsAsync<NotSupportedException>(() => other.SearchAsync("dog", new SearchOptions { Mode = SearchMode.Sparse }))).Message);
        Assert.Contains("keeps no sparse vectors", (await Assert.ThrowsAsync<NotSupportedException>(() => other.FindSimilarAsync("money.txt", 1, new SearchOptions { Mode = SearchMode.Sparse }))).Message);
    }

    [Fact]
    public async Task Generator_WithAnotherAround_KeepsThemOnRequestOnly()
    {
        using IEmbeddingGenerator<string, Embedding<float>> wrapped = new Wrapper(_generator);
        using SearchIndex usual = new(wrapped), asked = new(wrapped, new SearchIndexOptions { Sparse = true }), direct = new(_generator);
        foreach (SearchIndex index in new[] { usual, asked, direct })
        {
            await index.UpdateAsync(Documents);
        }

        await Assert.ThrowsAsync<NotSupportedException>(() => usual.SearchAsync("dog in the snow", new SearchOptions { Mode = SearchMode.Sparse }));
        Assert.Equal(
            (await direct.SearchAsync("dog in the snow", new SearchOptions { Mode = SearchMode.Sparse })).Select(result => result.Passage),
            (await asked.SearchAsync("dog in the snow", new SearchOptions { Mode = SearchMode.Sparse })).Select(result => result.Passage));

        using SearchIndex foreign = new(new HashGenerator(), new SearchIndexOptions { Sparse = true });
        Assert.Contains("Sparse asks for sparse vectors", (await Assert.ThrowsAsync<NotSupportedException>(() => foreign.UpdateAsync(Documents))).Message);
    }

    [Theory]
    [InlineData(SearchMode.Hybrid)]
    [InlineData(SearchMode.Words)]
    [InlineData(SearchMode.Sparse)]
    public async Task Rerank_FirstPassages_StandByTheLikelihoodOfTheQuestion(SearchMode mode)
    {
        using SearchIndex index = new(_generator);
        await index.UpdateAsync(Documents);
        const string question = "What do dogs, cats and birds do in the snow?";
        IReadOnlyList<SearchResult> plain = await index.SearchAsync(question, new SearchOptions { Mode = mode, Top = 10 });
        IReadOnlyList<SearchResult> found = await index.SearchAsync(question, new SearchOptions { Mode = mode, Top = 10, Rerank = 3 });
        IReadOnlyList<RerankedPassage> expected = await _generator.RerankAsync(question, plain.Take(3).Select(result => result.Passage.EmbeddedText));
        Assert.Equal(expected.Select(passage => plain[passage.Index].Passage).Concat(plain.Skip(3).Select(result => result.Passage)), found.Select(result => result.Passage));
        Assert.Equal(expected.Select(passage => (double?)passage.Score).Concat(plain.Skip(3).Select(_ => (double?)null)), found.Select(result => result.Likelihood), (a, b) => a is null ? b is null : Math.Abs(a.Value - b!.Value) < 1e-4);

        // Reranked passages may come from behind those that are wanted.
        SearchResult best = Assert.Single(await index.SearchAsync(question, new SearchOptions { Mode = mode, Top = 1, Rerank = 3 }));
        Assert.Equal(found[0].Passage, best.Passage);
        Assert.Empty(await index.SearchAsync("zzz", new SearchOptions { Mode = SearchMode.Words, Rerank = 3 }));
    }

    [Fact]
    public async Task Rerank_WhereItCannotBe_SaysWhy()
    {
        using SearchIndex index = new(new HashGenerator());
        await index.UpdateAsync(Documents);
        Assert.Contains("HashGenerator cannot rerank", (await Assert.ThrowsAsync<NotSupportedException>(() => index.SearchAsync("dog", new SearchOptions { Rerank = 3 }))).Message);
        Assert.Contains("Rerank is -1", (await Assert.ThrowsAsync<ArgumentException>(() => index.SearchAsync("dog", new SearchOptions { Rerank = -1 }))).Message);
        Assert.Contains("no question", (await Assert.ThrowsAsync<ArgumentException>(() => index.FindSimilarAsync("money.txt", 1, new SearchOptions { Rerank = 3 }))).Message);
    }

    [Fact]
    public async Task Search_QuestionBeyondTheContext_SaysWhatFits()
    {
        using SearchIndex index = new(_generator);
        await index.UpdateAsync(Documents);
        string question = string.Concat(Enumerable.Repeat("Which dog sleeps? ", 200));
        foreach (SearchMode mode in new[] { SearchMode.Hybrid, SearchMode.Dense, SearchMode.Sparse })
        {
            ArgumentException exception = await Assert.ThrowsAsync<ArgumentException>(() => index.SearchAsync(question, new SearchOptions { Mode = mode }));
            Assert.Matches("^The question is too long: [0-9,]+ of its 3,600 characters fit the model's context. Ask a shorter one, or by words alone.$", exception.Message);
        }

        Assert.NotEmpty(await index.SearchAsync(question, new SearchOptions { Mode = SearchMode.Words }));
        ArgumentException reranked = await Assert.ThrowsAsync<ArgumentException>(() => index.SearchAsync(question, new SearchOptions { Mode = SearchMode.Words, Rerank = 2 }));
        Assert.StartsWith("The passages cannot be reranked by this question: ask a shorter one", reranked.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", reranked.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damage_OfSparseVectors_IsNamed()
    {
        using (SearchIndex index = new(_generator, new SearchIndexOptions { Path = IndexPath }))
        {
            await index.UpdateAsync(Documents);
        }

        using (SqliteConnection connection = new($"Data Source={IndexPath};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "UPDATE vectors SET terms = x'0102' WHERE id = 2";
            command.ExecuteNonQuery();
        }

        using SearchIndex damaged = new(_generator, new SearchIndexOptions { Path = IndexPath });
        await Assert.ThrowsAsync<IndexFileException>(() => damaged.SearchAsync("dog", new SearchOptions { Mode = SearchMode.Sparse }));
        await Assert.ThrowsAsync<IndexFileException>(() => damaged.SearchAsync("dog"));
        Assert.NotEmpty(await damaged.SearchAsync("dog", new SearchOptions { Mode = SearchMode.Dense }));
    }

    private sealed class Wrapper(IEmbeddingGenerator<string, Embedding<float>> inner) : DelegatingEmbeddingGenerator<string, Embedding<float>>(inner);
}
