using System.Text.Json;
using MetaEol.Cli.Embedding;
using MetaEol.Extensions;
using MetaEol.Retrieval;
using MetaEol.Retrieval.Splitting;
using MetaEol.Tests;

namespace MetaEol.Cli.Tests.Commands;

/// <summary>A row for each passage: <c>--split</c>.</summary>
public sealed class EmbedSplitTests : IDisposable
{
    private static readonly string Long = string.Join(' ', Enumerable.Range(0, 120).Select(i => $"This is sentence number {i} of a long text about the sea."));
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Split_MarkdownAndText_GivesARowForEachPassageWithItsPlace()
    {
        _folder.Write("in/a.md", "# Music\n\nThe band plays.\n\n- one\n- two\n");
        _folder.Write("in/b.txt", "# No heading here.\n\nSecond.");
        (await InProcess.RunAsync("embed", _folder["in"], "--split", "--out", _folder["out.jsonl"])).Succeeded();

        JsonElement[] rows = [.. File.ReadLines(_folder["out.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(["Music: The band plays.", "Music: one two", "# No heading here.", "Second."], rows.Select(row => row.GetProperty("text").GetString()));
        Assert.Equal([("a.md", 0, 3), ("a.md", 1, 5), ("b.txt", 0, 1), ("b.txt", 1, 3)], rows.Select(row => (row.GetProperty("file").GetString()!, row.GetProperty("passage").GetInt32(), row.GetProperty("line").GetInt32())));
        Assert.All(rows, row => Assert.Equal(256, row.GetProperty("embedding").GetArrayLength()));
    }

    [Fact]
    public async Task Split_LongLines_FitsWhatWouldNotFit()
    {
        string text = _folder.Write("in.txt", "Short.\n" + string.Concat(Enumerable.Repeat("A long line of many sentences. ", 200)) + "\nLast.\n");
        (await InProcess.RunAsync("embed", text, "--out", _folder["whole.npy"])).FailedWith("--split embeds their passages");
        (await InProcess.RunAsync("embed", text, "--split", "--out", _folder["out.npy"])).Succeeded();

        JsonElement[] rows = [.. File.ReadLines(_folder["out.npy.rows.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.True(rows.Length > 4);
        Assert.Equal([0, .. Enumerable.Repeat(1, rows.Length - 2), 2], rows.Select(row => row.GetProperty("index").GetInt32()));
        Assert.Equal(128 + (4L * 256 * rows.Length), new FileInfo(_folder["out.npy"]).Length);
    }

    [Fact]
    public async Task Split_Folder_GivesThePassagesOfASearchWithFileAndLine()
    {
        string markdown = "# The sea\n\nWaves come in.\n\n## Ships\n\nA ship sails.\n\nIt comes back.\n";
        _folder.Write("docs/a.md", markdown);
        _folder.Write("docs/b.txt", $"First paragraph.\n\n{Long}\n");
        (await RunAsync("embed", _folder["docs"], "--out", _folder["out.jsonl"], "--split")).Succeeded();
        JsonElement[] lines = Vectors.Lines(_folder["out.jsonl"]);
        using MetaEolEmbeddingGenerator generator = new(new MetaEolOptions { ModelPath = TestPaths.DemoModel });
        PassageSplitter splitter = await PassageSplitter.CreateAsync(generator);
        Passage[] expected =
        [
            .. splitter.Split(new SearchDocument("a.md", markdown) { Format = DocumentFormat.Markdown }),
            .. splitter.Split(new SearchDocument("b.txt", $"First paragraph.\n\n{Long}\n")),
        ];
        Assert.True(expected.Length > 5);
        Assert.Equal(expected.Select(passage => passage.EmbeddedText), lines.Select(line => line.GetProperty("text").GetString()));
        Assert.Equal(expected.Select(passage => (passage.Document, passage.Line)), lines.Select(line => (line.GetProperty("file").GetString()!, line.GetProperty("line").GetInt32())));
        Assert.Equal([0, 1, 2], lines.Where(line => line.GetProperty("file").GetString() == "a.md").Select(line => line.GetProperty("passage").GetInt32()));

        // The vector is that of the passage.
        float[] vector = (await generator.GenerateAsync([expected[1].EmbeddedText], new MetaEolEmbeddingGenerationOptions { TemplateSet = Extensions.Prompting.TemplateSet.PromptEol }))[0].Vector.ToArray();
        Assert.Equal(1, Vectors.Cosine(vector, [.. lines[1].GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle())]), 5);
    }

    [Fact]
    public async Task Split_JsonLines_KeepsFieldsWithEachPassage()
    {
        string input = _folder.Write("in.jsonl", $"{JsonSerializer.Serialize(new { id = 7, body = Long })}\n{JsonSerializer.Serialize(new { id = 8, body = "Short." })}\n");
        Tool.Result result = (await RunAsync("embed", input, "--field", "body", "--out", _folder["out.npy"], "--split", "--json")).Succeeded();
        JsonElement summary = JsonDocument.Parse(result.Output).RootElement;
        JsonElement[] rows = Vectors.Lines(_folder["out.npy.rows.jsonl"]);
        Assert.Equal((2, rows.Length, 0), (summary.GetProperty("texts").GetInt32(), summary.GetProperty("rows").GetInt32(), summary.GetProperty("cut").GetInt32()));
        Assert.Equal(rows.Length, Vectors.Npy(_folder["out.npy"]).Length);
        Assert.True(rows.Length > 3);
        Assert.Equal([.. Enumerable.Range(0, rows.Length - 1).Select(passage => (7, 0, passage)), (8, 1, 0)], rows.Select(row => (row.GetProperty("id").GetInt32(), row.GetProperty("index").GetInt32(), row.GetProperty("passage").GetInt32())));
        Assert.Contains($"{rows.Length} passages in", result.Error, StringComparison.Ordinal);

        JsonElement[] lines = Vectors.Parse((await RunAsync("embed", input, "--field", "body", "--out", "-", "--split")).Succeeded().Output);
        Assert.Equal(["index", "id", "passage", "text", "embedding"], lines[0].EnumerateObject().Select(property => property.Name));
        Assert.Equal(Long, string.Join(' ', lines[..^1].Select(line => line.GetProperty("text").GetString())));
    }

    [Fact]
    public async Task Split_TextWithNothingToRead_IsToldAndNotLost()
    {
        string input = _folder.Write("in.txt", "One.\n   \nThree.\n");
        (await RunAsync("embed", input, "--out", _folder["out.npy"], "--split")).FailedWith("in.txt, line 2: there is nothing to read in it");
        (await RunAsync("embed", input, "--out", _folder["out.npy"], "--split", "--on-error", "skip")).Succeeded();
        Assert.Equal(2, Vectors.Npy(_folder["out.npy"]).Length);
        Assert.Equal(1, Assert.Single(Vectors.Lines(_folder["out.npy.problems.jsonl"])).GetProperty("index").GetInt32());
    }

    [Fact]
    public async Task Split_KilledInTheMiddleOfAText_GoesOnWithItsNextPassage()
    {
        string input = _folder.Write("in.txt", $"One.\n{Long}\nThree.\n{Long}\n");
        string[] line = ["embed", input, "--batch", "2", "--split"];
        (await RunAsync([.. line, "--out", _folder["whole.npy"]])).Succeeded();
        byte[] whole = File.ReadAllBytes(_folder["whole.npy"]);
        JsonElement[] rows = Vectors.Lines(_folder["whole.npy.rows.jsonl"]);
        foreach (int done in Enumerable.Range(1, (rows.Length / 2) - 1).Select(batch => batch * 2))
        {
            // What a run leaves that is killed behind so many rows.
            OutputPaths paths = new(_folder["cut.npy"]);
            JsonElement last = rows[done - 1], next = rows[done];
            bool inside = last.GetProperty("index").GetInt32() == next.GetProperty("index").GetInt32();
            string list = string.Concat(File.ReadLines(_folder["whole.npy.rows.jsonl"]).Take(done).Select(row => $"{row}\n"));
            File.WriteAllText(OutputPaths.Partial(paths.RowList), list);
            File.WriteAllBytes(OutputPaths.Partial(paths.Output), whole[..(128 + (done * Vectors.Dimensions * sizeof(float)))]);
            (EmbedState.Read(_folder["whole.npy.meta.json"])! with
            {
                Rows = done,
                Texts = next.GetProperty("index").GetInt32(),
                Passages = inside ? next.GetProperty("passage").GetInt32() : 0,
                Bytes = 128 + (done * Vectors.Dimensions * sizeof(float)),
                RowListBytes = list.Length,
                Sample = null,
            }).Write(paths.State);
            (await RunAsync([.. line, "--out", _folder["cut.npy"], "--resume"])).Succeeded();
            Assert.Equal(whole, File.ReadAllBytes(_folder["cut.npy"]));
            Assert.Equal(File.ReadAllBytes(_folder["whole.npy.rows.jsonl"]), File.ReadAllBytes(_folder["cut.npy.rows.jsonl"]));
            File.Delete(_folder["cut.npy"]);
        }
    }

    [Fact]
    public async Task Split_TurnedOnOrOffAtAResume_HoldsFromTheNextTextOn()
    {
        string input = _folder.Write("in.txt", $"One.\n{Long}\nThree.\nFour. Five.\n");
        string[] line = ["embed", input, "--out", _folder["out.npy"], "--batch", "2", "--on-error", "truncate"];
        (await RunAsync([.. line, "--split"])).Succeeded();
        JsonElement[] rows = Vectors.Lines(_folder["out.npy.rows.jsonl"]);
        int passages = rows.Count(row => row.GetProperty("index").GetInt32() == 1);

        // Killed behind the first passage of the second text, and gone on with without --split: that text is finished as it was begun.
        OutputPaths paths = new(_folder["out.npy"]);
        string list = string.Concat(File.ReadLines(paths.RowList).Take(2).Select(row => $"{row}\n"));
        EmbedState state = EmbedState.Read(paths.Description)!;
        byte[] bytes = File.ReadAllBytes(paths.Output)[..(128 + (2 * Vectors.Dimensions * sizeof(float)))];
        foreach (string file in Directory.GetFiles(_folder.Path, "out*"))
        {
            File.Delete(file);
        }

        File.WriteAllText(OutputPaths.Partial(paths.RowList), list);
        File.WriteAllBytes(OutputPaths.Partial(paths.Output), bytes);
        (state with { Rows = 2, Texts = 1, Passages = 1, Bytes = bytes.Length, RowListBytes = list.Length, Sample = null }).Write(paths.State);
        (await RunAsync([.. line, "--resume"])).Succeeded();
        JsonElement[] resumed = Vectors.Lines(paths.RowList);
        Assert.Equal([0, .. Enumerable.Repeat(1, passages), 2, 3], resumed.Select(row => row.GetProperty("index").GetInt32()));
        Assert.False(resumed[^1].TryGetProperty("passage", out _));
        Assert.Equal(resumed.Length, Vectors.Npy(paths.Output).Length);
    }

    private static Task<Tool.Result> RunAsync(params string[] arguments) => InProcess.RunAsync([.. arguments, "--templates", "prompteol"]);
}
