using System.Text.Json;
using MetaEol.Tests;

namespace MetaEol.Cli.Tests.Commands;

/// <summary><c>search</c> and <c>similar</c>.</summary>
public sealed class SearchCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Docs => _folder["docs"];

    public SearchCommandTests()
    {
        _folder.Write("docs/music.md", "# Music\n\nThe band plays a slow song on the guitar.\n\nThe singer has a beautiful voice.\n");
        _folder.Write("docs/money.txt", "The stock market fell sharply today.\n\nInvestors sold their shares.\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Search_ChangedFolder_EmbedsOnlyWhatChanged()
    {
        Tool.Result first = (await InProcess.RunAsync("search", Docs, "A man plays the guitar.", "--top", "1")).Succeeded();
        Assert.Contains("2 files, 4 passages; 4 embedded now", first.Error, StringComparison.Ordinal);
        Assert.Contains("music.md:3", first.Output, StringComparison.Ordinal);
        Assert.Equal([".metaeol.db", ".metaeol.db-lock", "money.txt", "music.md"], Directory.GetFiles(Docs).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        Assert.Contains("; 0 embedded now, 0 removed", (await InProcess.RunAsync("search", Docs, "money")).Succeeded().Error, StringComparison.Ordinal);
        _folder.Write("docs/money.txt", "A new first paragraph.\n\nThe stock market fell sharply today.\n\nInvestors sold their shares.\n");
        Assert.Contains("5 passages; 1 embedded now", (await InProcess.RunAsync("search", Docs, "money")).Succeeded().Error, StringComparison.Ordinal);
        File.Delete(_folder["docs", "music.md"]);
        Assert.Contains("1 files, 3 passages; 0 embedded now, 2 removed", (await InProcess.RunAsync("search", Docs, "money")).Succeeded().Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_OtherModelTemplatesOrLayer_NeverEmbedsAnewByItself()
    {
        (await InProcess.RunAsync("search", Docs, "guitar")).Succeeded();
        (await InProcess.RunAsync("search", Docs, "guitar", "--templates", "prompteol")).FailedWith("templates prompteol instead of default");
        (await InProcess.RunAsync("search", Docs, "guitar", "--layer", "2")).FailedWith("layer 2 instead of default");
        (await InProcess.RunAsync("search", Docs, "guitar", "--int8")).FailedWith("precision int8 instead of default");
        (await InProcess.RunAsync("search", Docs, "guitar", "--precision", "fastest")).FailedWith("precision fastest instead of default");
        using TemporaryFolder model = new TemporaryFolder().CopyFrom(TestPaths.DemoModel);
        (await InProcess.RunAsync("search", Docs, "guitar", "--model", model.Path)).FailedWith("--rebuild");
        Assert.Contains("; 0 embedded now", (await InProcess.RunAsync("search", Docs, "guitar")).Succeeded().Error, StringComparison.Ordinal);

        // What is made anew is remembered.
        Tool.Result rebuilt = (await InProcess.RunAsync("search", Docs, "guitar", "--model", model.Path, "--templates", "prompteol", "--layer", "75%", "--rebuild")).Succeeded();
        Assert.Contains("4 embedded now", rebuilt.Error, StringComparison.Ordinal);
        Tool.Result again = (await InProcess.RunAsync("search", Docs, "guitar")).Succeeded();
        Assert.Contains("; 0 embedded now", again.Error, StringComparison.Ordinal);
        Assert.Contains($"With the index's model: {Path.GetFileName(model.Path)}.", again.Error, StringComparison.Ordinal);

        // And if it is gone, that is said.
        Directory.Move(model.Path, model.Path + ".moved");
        try
        {
            (await InProcess.RunAsync("search", Docs, "guitar")).FailedWith("which is not on this machine");
            Assert.Contains("music.md", (await InProcess.RunAsync("similar", $"{_folder["docs", "music.md"]}:3")).Succeeded().Output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Move(model.Path + ".moved", model.Path);
        }
    }

    [Fact]
    public async Task Search_ModesAndScores_AreShown()
    {
        JsonElement[] hybrid = await JsonAsync("search", Docs, "Who has a beautiful voice?", "--json");
        Assert.Equal(("music.md", 5, "Music", "The singer has a beautiful voice."), (Text(hybrid[0], "file"), hybrid[0].GetProperty("line").GetInt32(), Text(hybrid[0], "heading"), Text(hybrid[0], "text")));
        Assert.Equal(1, hybrid[0].GetProperty("words").GetProperty("rank").GetInt32());
        double parts = hybrid[0].GetProperty("words").GetProperty("contribution").GetDouble() + hybrid[0].GetProperty("dense").GetProperty("contribution").GetDouble() + hybrid[0].GetProperty("sparse").GetProperty("contribution").GetDouble();
        Assert.Equal(hybrid[0].GetProperty("score").GetDouble(), parts, 9);
        Assert.Equal(4, hybrid.Length);

        JsonElement[] words = await JsonAsync("search", Docs, "Who has a beautiful voice?", "--json", "--mode", "words");
        Assert.Equal(JsonValueKind.Null, Assert.Single(words).GetProperty("dense").ValueKind);
        JsonElement[] dense = await JsonAsync("search", Docs, "Who has a beautiful voice?", "--json", "--mode", "dense", "--no-update");
        Assert.Equal(JsonValueKind.Null, dense[0].GetProperty("words").ValueKind);

        JsonElement[] sparse = await JsonAsync("search", Docs, "Who has a beautiful voice?", "--json", "--mode", "sparse", "--no-update");
        Assert.Equal("The singer has a beautiful voice.", Text(sparse[0], "text"));
        Assert.Equal(sparse[0].GetProperty("score").GetDouble(), sparse[0].GetProperty("sparse").GetProperty("score").GetDouble());
        JsonElement[] reranked = await JsonAsync("search", Docs, "Who has a beautiful voice?", "--json", "--no-update", "--rerank", "3");
        double[] likelihoods = [.. reranked.Take(3).Select(result => result.GetProperty("likelihood").GetDouble())];
        Assert.True(likelihoods[0] < 0 && likelihoods.SequenceEqual(likelihoods.OrderDescending()));
        Assert.Equal(JsonValueKind.Null, reranked[3].GetProperty("likelihood").ValueKind);
        Assert.Contains("likelihood", (await InProcess.RunAsync("search", Docs, "Who has a beautiful voice?", "--rerank", "3")).Succeeded().Output, StringComparison.Ordinal);

        string table = (await InProcess.RunAsync(80, "search", Docs, "Who has a beautiful voice?", "--scores")).Succeeded().Output;
        Assert.Contains("meaning", table, StringComparison.Ordinal);
        Assert.Contains("#1", table, StringComparison.Ordinal);
        Assert.All(table.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        Assert.Contains("No passage holds a word", (await InProcess.RunAsync("search", Docs, "xyzzy", "--mode", "words")).Succeeded().Error, StringComparison.Ordinal);
        (await InProcess.RunAsync("search", Docs, "x", "--mode", "fuzzy")).FailedWith("--mode is 'fuzzy'", exitCode: 2);
        (await InProcess.RunAsync("search", Docs, "x", "--rerank", "-1")).FailedWith("--rerank is '-1'", exitCode: 2);
        (await InProcess.RunAsync("search", Docs, "x", "--top", "0")).FailedWith("--top is '0'", exitCode: 2);
    }

    [Fact]
    public async Task Search_FilesThatAreLeftOut_AreCountedAndListed()
    {
        _folder.Write("docs/node_modules/x/README.md", "ignored");
        _folder.Write("docs/program.cs", "class A;");
        _folder.Write("docs/latin.txt", "gr\u00fcn", System.Text.Encoding.Latin1);
        File.WriteAllBytes(_folder["docs", "binary.md"], [1, 0, 2]);

        Tool.Result result = (await InProcess.RunAsync("search", Docs, "guitar")).Succeeded();
        Assert.Contains("Left out: 1 not in UTF-8, 1 no text, 1 ignored, 1 with other endings (.cs). --left-out lists them.", result.Error, StringComparison.Ordinal);
        Tool.Result listed = (await InProcess.RunAsync("search", Docs, "guitar", "--left-out")).Succeeded();
        Assert.Contains("Left out latin.txt: it is not in UTF-8", listed.Error, StringComparison.Ordinal);
        Assert.Contains("Left out node_modules/: it is ignored", listed.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(".metaeol", listed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_ChosenFiles_AreRememberedUntilOthersAreChosen()
    {
        _folder.Write("docs/code/program.cs", "// Retries a request three times.");
        Assert.Contains("2 files", (await InProcess.RunAsync("search", Docs, "retries", "--extensions", "md,.cs")).Succeeded().Error, StringComparison.Ordinal);
        Tool.Result again = (await InProcess.RunAsync("search", Docs, "retries")).Succeeded();
        Assert.Contains("As at the last search: --extensions md,.cs.", again.Error, StringComparison.Ordinal);
        Assert.Contains("2 files, 3 passages; 0 embedded now, 0 removed", again.Error, StringComparison.Ordinal);
        Assert.Contains("1 files", (await InProcess.RunAsync("search", Docs, "market", "--include", "*.txt", "--exclude", "code/")).Succeeded().Error, StringComparison.Ordinal);
        Assert.Contains("--include *.txt --exclude code/", (await InProcess.RunAsync("search", Docs, "market")).Succeeded().Error, StringComparison.Ordinal);
        Assert.Contains("2 files", (await InProcess.RunAsync("search", Docs, "market", "--rebuild")).Succeeded().Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_NothingToFind_SaysSo()
    {
        Directory.CreateDirectory(_folder["empty"]);
        (await InProcess.RunAsync("search", _folder["empty"], "x")).FailedWith("no file was read");
        _folder.Write("other/a.cs", "class A;");
        (await InProcess.RunAsync("search", _folder["other"], "x")).FailedWith("There is nothing to search");
        (await InProcess.RunAsync("search", _folder["nothing"], "x")).FailedWith("There is no folder");
        (await InProcess.RunAsync("search", Docs, " ")).FailedWith("question");
        (await InProcess.RunAsync("search", Docs, "x", "--no-update", "--rebuild")).FailedWith("contradict");
        (await InProcess.RunAsync("search", Docs, "x", "--no-update", "--index", _folder["none.db"])).FailedWith("There is no index");
    }

    [Fact]
    public async Task Search_IndexOfAnotherFolderOrProgram_IsLeftAlone()
    {
        string foreign = _folder.Write("notes.db", "not a database at all, but long enough to be looked at as one by its first page");
        (await InProcess.RunAsync("search", Docs, "x", "--index", foreign)).FailedWith("cannot be used as an index");
        (await InProcess.RunAsync("search", Docs, "x", "--index", foreign, "--rebuild")).FailedWith("cannot be used as an index");
        Assert.StartsWith("not a database", File.ReadAllText(foreign), StringComparison.Ordinal);

        string index = _folder["indexes", "docs.db"];
        (await InProcess.RunAsync("search", Docs, "guitar", "--index", index)).Succeeded();
        _folder.Write("more/a.md", "More.");
        (await InProcess.RunAsync("search", _folder["more"], "x", "--index", index)).FailedWith("is the index of the folder");
        Assert.Contains("music.md", (await InProcess.RunAsync("similar", $"{_folder["docs", "money.txt"]}:1", "--index", index)).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_WhileAnotherUpdates_SaysSoAndOffersTheIndexAsItIs()
    {
        (await InProcess.RunAsync("search", Docs, "guitar")).Succeeded();
        using (new FileStream(_folder["docs", ".metaeol.db-lock"], FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            (await InProcess.RunAsync("search", Docs, "guitar")).FailedWith("is being updated by process");
            Assert.Contains("music.md:3", (await InProcess.RunAsync("search", Docs, "guitar", "--no-update")).Succeeded().Output, StringComparison.Ordinal);
        }

        (await InProcess.RunAsync("search", Docs, "guitar")).Succeeded();
    }

    [Fact]
    public async Task Search_TextThatSteersTheTerminal_IsHarmless()
    {
        _folder.Write("docs/evil.txt", "The \u001b[31mred\u0007 guitar \u009b2J\u202e evil.");
        Tool.Result result = (await InProcess.RunAsync("search", Docs, "red guitar evil", "--top", "1")).Succeeded();
        Assert.DoesNotContain(result.Output, letter => char.IsControl(letter) && letter != '\n');
        Assert.DoesNotContain('\u202e', result.Output);
    }

    [Fact]
    public async Task Similar_Place_GivesTheOthers()
    {
        _folder.Write("docs/songs.md", "A slow song on a guitar.\n");
        (await InProcess.RunAsync("similar", $"{_folder["docs", "music.md"]}:3")).FailedWith("There is no index");
        (await InProcess.RunAsync("search", Docs, "guitar")).Succeeded();
        Tool.Result similar = (await InProcess.RunAsync("similar", $"{_folder["docs", "music.md"]}:3", "--top", "1")).Succeeded();
        Assert.Contains("Like music.md:3: Music: The band plays", similar.Error, StringComparison.Ordinal);
        Assert.Contains("songs.md:1", similar.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("has changed", similar.Error, StringComparison.Ordinal);

        _folder.Write("docs/late.md", "Late.");
        (await InProcess.RunAsync("similar", $"{_folder["docs", "late.md"]}:1")).FailedWith("no passage of 'late.md'");
        (await InProcess.RunAsync("similar", _folder["docs", "music.md"])).FailedWith("is no place");
        (await InProcess.RunAsync("similar", $"{_folder["docs", "none.md"]}:1")).FailedWith("There is no file");
        File.SetLastWriteTimeUtc(_folder["docs", "music.md"], DateTime.UtcNow.AddHours(1));
        Assert.Contains("'music.md' has changed", (await InProcess.RunAsync("similar", $"{_folder["docs", "music.md"]}:3")).Succeeded().Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EvalRetrieval_SmallCollection_PrintsTableAndJson()
    {
        _folder.Write("beir/corpus.jsonl", string.Concat(Enumerable.Range(0, 12).Select(i => $"{{\"_id\": \"d{i}\", \"title\": \"Number {i}\", \"text\": \"The animal{i} sleeps in house {i}.\"}}\n")));
        _folder.Write("beir/queries.jsonl", "{\"_id\": \"q1\", \"text\": \"Where does animal3 sleep?\"}\n{\"_id\": \"q2\", \"text\": \"Who is in house 7?\"}\n");
        _folder.Write("beir/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td3\t1\nq2\td7\t1\nq2\tgone\t1\n");

        Tool.Result table = (await InProcess.RunAsync(80, "eval", "retrieval", _folder["beir"], "--model", TestPaths.DemoModel)).Succeeded();
        Assert.Contains("2 questions, 12 documents, 12 passages (test)", table.Output, StringComparison.Ordinal);
        Assert.Contains("hybrid", table.Output, StringComparison.Ordinal);
        Assert.All(table.Output.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        Assert.Contains("1 judgements are of documents", table.Error, StringComparison.Ordinal);

        JsonElement json = JsonDocument.Parse((await InProcess.RunAsync("eval", "retrieval", _folder["beir"], "--model", TestPaths.DemoModel, "--json", "--index", _folder["beir.db"])).Succeeded().Output).RootElement;
        Assert.Equal(["dense", "words", "sparse", "hybrid"], json.GetProperty("modes").EnumerateArray().Select(mode => Text(mode, "mode")));
        JsonElement words = json.GetProperty("modes")[1];
        Assert.Equal(1, words.GetProperty("ndcg10").GetProperty("mean").GetDouble());
        Assert.Equal(1, words.GetProperty("recall").GetProperty("1").GetDouble());
        Assert.True(File.Exists(_folder["beir.db"]));
        Assert.Contains("hybrid, 5 reranked", (await InProcess.RunAsync("eval", "retrieval", _folder["beir"], "--model", TestPaths.DemoModel, "--rerank", "5", "--index", _folder["beir.db"])).Succeeded().Output, StringComparison.Ordinal);
        (await InProcess.RunAsync("eval", "retrieval", _folder["none"], "--model", TestPaths.DemoModel)).FailedWith("corpus.jsonl");
        (await InProcess.RunAsync("eval", "retrieval", _folder["beir"], "--split", "dev", "--model", TestPaths.DemoModel)).FailedWith("dev.tsv");
    }

    private static async Task<JsonElement[]> JsonAsync(params string[] arguments) => [.. JsonDocument.Parse((await InProcess.RunAsync(arguments)).Succeeded().Output).RootElement.EnumerateArray()];

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
