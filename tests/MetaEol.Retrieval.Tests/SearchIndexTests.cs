using MetaEol.Tests;
using Microsoft.Data.Sqlite;

namespace MetaEol.Retrieval.Tests;

public sealed class SearchIndexTests : IDisposable
{
    private static readonly SearchDocument[] Documents =
    [
        new("music.md", "# Music\n\nThe band plays a slow song on the guitar.\n\nThe singer has a beautiful voice.") { Format = DocumentFormat.Markdown },
        new("money.txt", "The stock market fell sharply today.\n\nInvestors sold their shares.") { Metadata = new Dictionary<string, string> { ["author"] = "Anna" } },
        new("animals.txt", "A dog runs through the snow.\n\nTwo cats sleep on a chair.\n\nBirds fly south when it gets cold."),
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly HashGenerator _generator = new("hash", 64, ["dog", "puppy"], ["fell", "dropped"]);

    private string IndexPath => _folder["a", "index.db"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Search_EachMode_FindsThePassage(bool inFile)
    {
        using SearchIndex index = Open(inFile);
        Assert.Equal(new IndexUpdate(3, 7, 3, 7, 0), await index.UpdateAsync(Documents));

        SearchResult words = (await index.SearchAsync("Which birds FLYING?", new SearchOptions { Mode = SearchMode.Words }))[0];
        Assert.Equal(("animals.txt", 5, "Birds fly south when it gets cold."), (words.Passage.Document, words.Passage.Line, words.Passage.Text));
        Assert.Equal(new PartScore(words.Score, 1, words.Score), words.Words);
        Assert.Null(words.Dense);

        SearchResult dense = (await index.SearchAsync("puppy", new SearchOptions { Mode = SearchMode.Dense }))[0];
        Assert.Equal("A dog runs through the snow.", dense.Passage.Text);
        Assert.Equal(new PartScore(dense.Score, 1, dense.Score), dense.Dense);
        Assert.Null(dense.Words);
        Assert.InRange(dense.Score, 0.1, 1);

        IReadOnlyList<SearchResult> hybrid = await index.SearchAsync("the market dropped");
        Assert.Equal("The stock market fell sharply today.", hybrid[0].Passage.Text);
        Assert.Equal("Anna", hybrid[0].Passage.Metadata["author"]);
        Assert.Equal(5, hybrid.Count);
        Assert.All(hybrid, result => Assert.Equal(result.Score, result.Dense!.Contribution + (result.Words?.Contribution ?? 0), 9));
        Assert.Equal(hybrid.OrderByDescending(result => result.Score), hybrid);

        Assert.Equal("Music", (await index.SearchAsync("slow song on the guitar"))[0].Passage.Heading);
    }

    [Fact]
    public async Task Update_UnchangedDocuments_EmbedsNothing()
    {
        using SearchIndex index = Open();
        await index.UpdateAsync(Documents);
        _generator.Reset();

        Assert.Equal(new IndexUpdate(3, 7, 0, 0, 0), await index.UpdateAsync(Documents));
        Assert.Empty(_generator.Texts);
    }

    [Fact]
    public async Task Update_ChangedDocument_EmbedsOnlyNewPassages()
    {
        using SearchIndex index = Open();
        await index.UpdateAsync(Documents);
        _generator.Reset();

        IndexUpdate update = await index.UpdateAsync([Documents[0], new SearchDocument("money.txt", "A new first paragraph.\n\nInvestors sold their shares."), Documents[2]]);

        Assert.Equal(new IndexUpdate(3, 7, 1, 1, 1), update);
        Assert.Equal(["A new first paragraph."], _generator.Texts);
        Assert.Empty(await index.SearchAsync("stock market", new SearchOptions { Mode = SearchMode.Words }));
        Assert.Equal(3, (await index.SearchAsync("Investors sold", new SearchOptions { Mode = SearchMode.Words }))[0].Passage.Line);
    }

    [Fact]
    public async Task Update_MissingDocument_IsRemoved_AndAddLeavesTheOthers()
    {
        using SearchIndex index = Open();
        await index.UpdateAsync(Documents);

        Assert.Equal(new IndexUpdate(2, 5, 0, 0, 2), await index.UpdateAsync(Documents.Skip(1)));
        Assert.Equal(new IndexUpdate(3, 6, 1, 1, 0), await index.AddAsync([new SearchDocument("new.txt", "Something else.")]));
        Assert.Equal(new IndexUpdate(2, 3, 0, 0, 3), await index.RemoveAsync(["animals.txt", "never was"]));
        Assert.DoesNotContain(await index.SearchAsync("dog", new SearchOptions { Top = 100 }), result => result.Passage.Document == "animals.txt");
        AssertWhole(await index.GetInfoAsync());
    }

    [Fact]
    public async Task Update_TextThatMovesOrStandsTwice_IsEmbeddedOnce()
    {
        using SearchIndex index = Open();
        await index.UpdateAsync([new SearchDocument("a", "Same text.\n\nSame text."), new SearchDocument("b", "Same text.")]);
        Assert.Equal(["Same text."], _generator.Texts.Where(text => text == "Same text."));
        _generator.Reset();

        Assert.Equal(new IndexUpdate(1, 1, 1, 0, 3), await index.UpdateAsync([new SearchDocument("c", "Same text.")]));
        Assert.Empty(_generator.Texts);
    }

    [Theory]
    [InlineData(float.NaN, "holds NaN")]
    [InlineData(float.NegativeInfinity, "holds -Infinity")]
    [InlineData(1e30f, "has length 8E+30")]
    public async Task Update_VectorThatCannotBeCompared_IsRefused(float value, string message)
    {
        _generator.Fill = value;
        using SearchIndex index = Open();
        Assert.Contains(message, (await Assert.ThrowsAsync<InvalidOperationException>(() => index.UpdateAsync([new SearchDocument("a", "Text.")]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Update_Fails_KeepsWhatWasDoneAndGoesOnFromThere()
    {
        SearchDocument[] documents = [.. Enumerable.Range(0, 20).Select(i => new SearchDocument($"d{i:00}", $"Text number {i}.\n\nAnother {i}."))];
        _generator.Poison = "number 13";
        using (SearchIndex index = Open(batchSize: 4))
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => index.UpdateAsync(documents));
            IndexInfo? half = await index.GetInfoAsync();
            Assert.InRange(half!.Documents, 10, 13);
            AssertWhole(half);
        }

        _generator.Poison = null;
        _generator.Reset();
        using SearchIndex again = Open(batchSize: 4);
        Assert.Equal(40, (await again.UpdateAsync(documents)).Passages);
        Assert.InRange(_generator.Texts.Count, 14, 20);
        AssertWhole(await again.GetInfoAsync());
    }

    [Fact]
    public async Task Update_WhileAnotherUpdates_IsToldSo()
    {
        using SearchIndex first = Open(), second = Open();
        await first.UpdateAsync(Documents);
        TaskCompletionSource reached = new(), goOn = new();
        Task<IndexUpdate> update = first.UpdateAsync(Slow());
        await reached.Task;

        IndexBusyException exception = await Assert.ThrowsAsync<IndexBusyException>(() => second.UpdateAsync(Documents));
        Assert.Contains($"process {Environment.ProcessId}", exception.Message, StringComparison.Ordinal);
        Assert.Equal("A dog runs through the snow.", (await second.SearchAsync("puppy"))[0].Passage.Text);

        goOn.SetResult();
        await update;
        await second.UpdateAsync(Documents);

        IEnumerable<SearchDocument> Slow()
        {
            yield return new SearchDocument("slow.txt", "Slow.");
            reached.SetResult();
            goOn.Task.Wait();
        }
    }

    [Fact]
    public async Task Search_WhileAnotherChangesTheIndex_SeesWholeDocuments()
    {
        using SearchIndex writer = Open(), reader = Open();
        await writer.UpdateAsync(Version(0));
        using CancellationTokenSource done = new();
        Task writing = Task.Run(async () =>
        {
            for (int i = 1; i <= 20; i++)
            {
                await writer.UpdateAsync(Version(i));
            }

            await done.CancelAsync();
        });
        int searches = 0;
        while (!done.IsCancellationRequested)
        {
            IReadOnlyList<SearchResult> results = await reader.SearchAsync("alpha beta", new SearchOptions { Top = 100 });
            Assert.Equal(20, results.Count);
            foreach (IGrouping<string, SearchResult> document in results.GroupBy(result => result.Passage.Document))
            {
                Assert.Single(document.Select(result => result.Passage.Text.Split(' ')[^1]).Distinct());
            }

            searches++;
        }

        await writing;
        Assert.True(searches > 0);

        static IEnumerable<SearchDocument> Version(int version) => Enumerable.Range(0, 4).Select(i =>
            new SearchDocument($"d{i}", string.Join("\n\n", Enumerable.Range(0, 5).Select(j => $"Alpha beta gamma {i} {j} version{version}"))));
    }

    [Fact]
    public async Task Open_OtherGenerator_IsRefusedUntilTheIndexIsReset()
    {
        using (SearchIndex index = Open(properties: new() { ["model"] = "first" }))
        {
            await index.UpdateAsync(Documents);
        }

        HashGenerator other = new("other");
        using SearchIndex opened = new(other, new SearchIndexOptions { Path = IndexPath });
        IndexMismatchException exception = await Assert.ThrowsAsync<IndexMismatchException>(() => opened.UpdateAsync(Documents));
        Assert.Equal(("hash", 7, "first"), (exception.Index.ModelId, exception.Index.Passages, exception.Index.Properties["model"]));
        await Assert.ThrowsAsync<IndexMismatchException>(() => opened.SearchAsync("x"));

        // Words and stored vectors need no generator.
        Assert.NotEmpty(await opened.SearchAsync("shares", new SearchOptions { Mode = SearchMode.Words }));
        Assert.NotEmpty((await opened.FindSimilarAsync("money.txt", 1)).Others);
        Assert.Empty(other.Texts);

        await opened.ResetAsync();
        Assert.Equal(7, (await opened.UpdateAsync(Documents)).Embedded);
        Assert.Equal("other", SearchIndex.ReadInfo(IndexPath)!.ModelId);
        AssertWhole(await opened.GetInfoAsync());
    }

    [Fact]
    public async Task ReadInfo_NoIndex_IsNull()
    {
        Assert.Null(SearchIndex.ReadInfo(IndexPath));
        using SearchIndex index = Open();
        Assert.Null(await index.GetInfoAsync());
        IndexFileException exception = await Assert.ThrowsAsync<IndexFileException>(() => index.SearchAsync("x"));
        Assert.Contains(IndexPath, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_EmptyIndexInMemory_FindsNothing()
    {
        using SearchIndex index = Open(inFile: false);
        Assert.Empty(await index.SearchAsync("anything"));
        await index.UpdateAsync([]);
        Assert.Empty(await index.SearchAsync("anything"));
        await index.UpdateAsync([new SearchDocument("a", "One."), new SearchDocument("empty", " \n")]);
        Assert.Single(await index.SearchAsync("One"));
    }

    [Fact]
    public async Task FindSimilar_Line_GivesTheOthersWithoutEmbedding()
    {
        using SearchIndex index = Open();
        await index.UpdateAsync([.. Documents, new SearchDocument("more.txt", "A puppy runs through the garden.")]);
        _generator.Reset();

        SimilarPassages similar = await index.FindSimilarAsync("animals.txt", 2, new SearchOptions { Top = 3 });
        Assert.Equal("Two cats sleep on a chair.", similar.Passage.Text);
        similar = await index.FindSimilarAsync("animals.txt", 1);
        Assert.Equal("A puppy runs through the garden.", similar.Others[0].Passage.Text);
        Assert.DoesNotContain(similar.Others, other => other.Passage == similar.Passage);
        Assert.Equal(Enumerable.Range(1, similar.Others.Count), similar.Others.Select(other => other.Dense!.Rank).Order());
        Assert.Equal("Birds fly south when it gets cold.", (await index.FindSimilarAsync("animals.txt", 99)).Passage.Text);
        Assert.Empty(_generator.Texts);
        ArgumentException exception = await Assert.ThrowsAsync<ArgumentException>(() => index.FindSimilarAsync("none.txt", 1));
        Assert.Contains("none.txt", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_OnePerDocument_GivesEachDocumentOnce()
    {
        using SearchIndex index = Open(inFile: false);
        await index.UpdateAsync(Enumerable.Range(0, 10).Select(i => new SearchDocument($"d{i}", string.Join("\n\n", Enumerable.Range(0, 50).Select(j => $"A dog number {j} runs{(j % 3 == 0 ? " away" : "")}.")))));

        IReadOnlyList<SearchResult> results = await index.SearchAsync("dog runs", new SearchOptions { Top = 10, OnePerDocument = true });

        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"d{i}"), results.Select(result => result.Passage.Document).Order());
    }

    [Fact]
    public async Task Search_EqualPassages_StandInTheOrderOfTheirDocuments()
    {
        using SearchIndex index = Open(inFile: false);
        await index.AddAsync(["c", "a", "b"], "Same text here.");
        await index.AddAsync(["a"], "Other text.");
        await index.AddAsync(["a"], "Same text here.");

        Assert.Equal(["a", "b", "c"], (await index.SearchAsync("same text")).Select(result => result.Passage.Document));
    }

    [Theory]
    [InlineData(SearchMode.Words)]
    [InlineData(SearchMode.Dense)]
    [InlineData(SearchMode.Hybrid)]
    public async Task Search_IndexWithAHistory_AnswersAsOneMadeAtOnce(SearchMode mode)
    {
        Random random = new(3);
        string[] words = [.. Enumerable.Range(0, 60).Select(i => $"w{i}")];
        SearchDocument Document(int i) => new($"d{i}", string.Join("\n\n", Enumerable.Range(0, random.Next(1, 5)).Select(_ => string.Join(' ', random.GetItems(words, random.Next(3, 12))))));
        Dictionary<int, SearchDocument> documents = [];
        using SearchIndex history = Open(inFile: false), once = new(_generator);
        for (int round = 0; round < 8; round++)
        {
            for (int i = 0; i < 30; i++)
            {
                int number = random.Next(100);
                documents[number] = Document(number);
                documents.Remove(random.Next(100));
            }

            await history.UpdateAsync(documents.Values.OrderBy(_ => random.Next()).ToArray());
        }

        await once.UpdateAsync(documents.OrderBy(document => document.Key).Select(document => document.Value));
        for (int i = 0; i < 20; i++)
        {
            string question = string.Join(' ', random.GetItems(words, 4));
            SearchOptions options = new() { Mode = mode, Top = 20 };
            IReadOnlyList<SearchResult> expected = await once.SearchAsync(question, options), actual = await history.SearchAsync(question, options);
            Assert.Equal(expected.Select(result => result.Passage with { Metadata = Passage.EmptyMetadata }), actual.Select(result => result.Passage with { Metadata = Passage.EmptyMetadata }));
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First.Score, pair.Second.Score, 1e-4));
        }
    }

    [Theory]
    [InlineData(SearchMode.Dense)]
    [InlineData(SearchMode.Hybrid)]
    public async Task Search_EightBitVectors_GivesTheSameAsFloat32(SearchMode mode)
    {
        Random random = new(7);
        string[] words = [.. Enumerable.Range(0, 300).Select(i => $"w{i}")];
        SearchDocument[] documents = [.. Enumerable.Range(0, 3000).Select(i => new SearchDocument($"d{i}", string.Join(' ', random.GetItems(words, 8))))];
        using SearchIndex exact = Open(inFile: false), rounded = new(_generator, new SearchIndexOptions { MostFloatVectors = 10 });
        await exact.UpdateAsync(documents);
        await rounded.UpdateAsync(documents);
        for (int i = 0; i < 20; i++)
        {
            string question = string.Join(' ', random.GetItems(words, 3));
            IReadOnlyList<SearchResult> expected = await exact.SearchAsync(question, new SearchOptions { Top = 10, Mode = mode });
            IReadOnlyList<SearchResult> actual = await rounded.SearchAsync(question, new SearchOptions { Top = 10, Mode = mode });
            if (mode == SearchMode.Dense)
            {
                Assert.Equal(expected.Select(result => result.Passage.Document), actual.Select(result => result.Passage.Document));
            }

            // Mean and deviation of all similarities come from the estimates: passages of almost the same score may change places.
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First.Score, pair.Second.Score, 0.01 * pair.First.Score));
            foreach (SearchResult result in actual)
            {
                SearchResult? same = expected.FirstOrDefault(other => other.Passage.Document == result.Passage.Document);
                Assert.Equal(same?.Dense!.Score ?? result.Dense!.Score, result.Dense!.Score, 1e-5);
                Assert.True(same is not null || result.Score <= 1.01 * expected[^1].Score);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \n")]
    public async Task Search_BlankQuestion_Throws(string question)
    {
        using SearchIndex index = Open(inFile: false);
        await Assert.ThrowsAsync<ArgumentException>(() => index.SearchAsync(question));
    }

    [Fact]
    public async Task Arguments_OutsideTheirRange_Throw()
    {
        using SearchIndex index = Open(inFile: false);
        await Assert.ThrowsAsync<ArgumentException>(() => index.SearchAsync("x", new SearchOptions { Top = 0 }));
        await Assert.ThrowsAsync<ArgumentException>(() => index.SearchAsync("x", new SearchOptions { Mode = (SearchMode)9 }));
        await Assert.ThrowsAsync<ArgumentException>(() => index.UpdateAsync([new SearchDocument("a", "x"), new SearchDocument("a", "y")]));
        await Assert.ThrowsAsync<ArgumentException>(() => index.UpdateAsync([new SearchDocument("", "x")]));
        Assert.Throws<ArgumentException>(() => new SearchIndex(_generator, new SearchIndexOptions { MaxPassageTokens = 3 }));
        Assert.Throws<ArgumentException>(() => new SearchIndex(_generator, new SearchIndexOptions { Path = " " }));
        index.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => index.SearchAsync("x"));
    }

    [Fact]
    public async Task Update_Cancelled_Stops()
    {
        using SearchIndex index = Open();
        using CancellationTokenSource cancelled = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => index.UpdateAsync(Cancelling(), cancellationToken: cancelled.Token));
        await index.UpdateAsync(Documents);
        AssertWhole(await index.GetInfoAsync());

        IEnumerable<SearchDocument> Cancelling()
        {
            yield return Documents[0];
            cancelled.Cancel();
            yield return Documents[1];
        }
    }

    [Fact]
    public async Task Update_Progress_EndsWithAllThatWasToDo()
    {
        using SearchIndex index = Open(inFile: false, batchSize: 2);
        List<IndexProgress> reports = [];
        await index.UpdateAsync(Documents, new Collector(reports));
        Assert.Equal(new IndexProgress(7, 7, 3), reports[^1]);
        Assert.Equal(reports.OrderBy(report => report.Embedded), reports);
    }

    private SearchIndex Open(bool inFile = true, int batchSize = 32, Dictionary<string, string>? properties = null)
    {
        SearchIndexOptions options = new() { Path = inFile ? IndexPath : null, BatchSize = batchSize };
        foreach ((string name, string value) in properties ?? [])
        {
            options.Properties[name] = value;
        }

        return new SearchIndex(_generator, options);
    }

    /// <summary>Every passage has exactly one vector, of the index's fingerprint, and its words.</summary>
    private void AssertWhole(IndexInfo? info)
    {
        Assert.NotNull(info);
        using SqliteConnection connection = new($"Data Source={IndexPath};Mode=ReadOnly;Pooling=False");
        connection.Open();
        Assert.Equal(info.Passages, Number("SELECT count(*) FROM passages"));
        Assert.Equal(info.Passages, Number($"SELECT count(*) FROM passages p JOIN vectors v ON v.hash = p.hash WHERE v.fingerprint = '{info.Fingerprint}'"));
        Assert.Equal(0, Number($"SELECT count(*) FROM vectors WHERE fingerprint <> '{info.Fingerprint}'"));
        Assert.Equal(info.Passages, Number("SELECT count(*) FROM words"));
        Assert.Equal(0, Number("SELECT count(*) FROM passages WHERE id NOT IN (SELECT rowid FROM words) OR document NOT IN (SELECT id FROM documents)"));

        long Number(string sql)
        {
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = sql;
            return (long)command.ExecuteScalar()!;
        }
    }

    private sealed class Collector(List<IndexProgress> reports) : IProgress<IndexProgress>
    {
        public void Report(IndexProgress value) => reports.Add(value);
    }
}
