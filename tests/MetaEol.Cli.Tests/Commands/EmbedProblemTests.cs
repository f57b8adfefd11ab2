using System.Text.Json;
using MetaEol.Extensions;
using MetaEol.Tests;

namespace MetaEol.Cli.Tests.Commands;

/// <summary>Texts that cannot be embedded as they are: <c>--on-error</c>.</summary>
public sealed class EmbedProblemTests : IDisposable
{
    private static readonly string Long = string.Concat(Enumerable.Repeat("word after word ", 200));
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Stop_TextTooLong_IsToldBeforeAnythingIsEmbeddedWithItsLine()
    {
        string input = _folder.Write("in.jsonl", string.Concat(Enumerable.Range(0, 700).Select(i => $"{JsonSerializer.Serialize(new { text = i is 649 or 660 ? Long : $"Text {i}." })}\n{(i % 100 == 0 ? "\n" : string.Empty)}")));
        Tool.Result result = await RunAsync("embed", input, "--out", _folder["out.npy"], "--batch", "8");

        // Text 649 and 7 blank lines before it.
        result.FailedWith("in.jsonl, line 657 is too long: it has ");
        Assert.Contains("The same holds for 1 more. --on-error truncate cuts such texts, --on-error skip leaves them out, --split embeds their passages.", result.Error, StringComparison.Ordinal);
        Assert.Equal(["in.jsonl"], Files());

        // Nothing is in the way of the next try.
        (await RunAsync("embed", input, "--out", _folder["out.npy"], "--batch", "8")).FailedWith("line 657");
    }

    [Fact]
    public async Task Skip_ListsAndCountsWhatHasNoRow()
    {
        string input = _folder.Write("in.jsonl", $$"""
            {"id": 1, "text": "One."}
            {"id": 2, "text": "{{Long}}"}
            not JSON
            {"id": 4, "txt": "wrong field"}
            {"id": 5, "text": "Five."}
            """);
        Tool.Result result = (await RunAsync("embed", input, "--out", _folder["out.npy"], "--on-error", "skip", "--json")).Succeeded();
        Assert.Contains("2 texts, 3 skipped in", result.Error, StringComparison.Ordinal);
        Assert.Contains("out.npy.problems.jsonl' lists which and why.", result.Error, StringComparison.Ordinal);
        JsonElement summary = JsonDocument.Parse(result.Output).RootElement;
        Assert.Equal((5, 2, 3, 0), (summary.GetProperty("texts").GetInt32(), summary.GetProperty("rows").GetInt32(), summary.GetProperty("skipped").GetInt32(), summary.GetProperty("cut").GetInt32()));
        Assert.Equal(_folder["out.npy.problems.jsonl"], summary.GetProperty("problemList").GetString());

        JsonElement[] problems = Vectors.Lines(_folder["out.npy.problems.jsonl"]);
        Assert.Equal([(1, 2), (2, 3), (3, 4)], problems.Select(problem => (problem.GetProperty("index").GetInt32(), problem.GetProperty("line").GetInt32())));
        Assert.All(problems, problem => Assert.Equal("skipped", problem.GetProperty("action").GetString()));
        Assert.Contains("fit the model's context of 512 beside the longest template", problems[0].GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Contains("not valid JSON", problems[1].GetProperty("reason").GetString(), StringComparison.Ordinal);

        JsonElement[] rows = Vectors.Lines(_folder["out.npy.rows.jsonl"]);
        Assert.Equal([(0, 0, 1), (1, 4, 5)], rows.Select(row => (row.GetProperty("row").GetInt32(), row.GetProperty("index").GetInt32(), row.GetProperty("id").GetInt32())));
        float[][] vectors = Vectors.Npy(_folder["out.npy"]);
        float[][] expected = await ExpectedAsync(TextOverflow.Error, "One.", "Five.");
        Assert.Equal(2, vectors.Length);
        Assert.All(Enumerable.Range(0, 2), i => Assert.Equal(1, Vectors.Cosine(expected[i], vectors[i]), 5));
    }

    [Fact]
    public async Task Skip_PlainLinesIntoAMatrix_HasAListOfRows()
    {
        string input = _folder.Write("in.txt", $"One.\n{Long}\nThree.\n");
        (await RunAsync("embed", input, "--out", _folder["out.safetensors"], "--on-error", "skip")).Succeeded();
        Assert.Equal([(0, 0), (1, 2)], Vectors.Lines(_folder["out.safetensors.rows.jsonl"]).Select(row => (row.GetProperty("row").GetInt32(), row.GetProperty("index").GetInt32())));
    }

    [Theory]
    [InlineData("--on-error", "truncate")]
    [InlineData("--truncate")]
    public async Task Truncate_CutsAsTheLibraryDoesAndListsWhatItCut(params string[] option)
    {
        string input = _folder.Write("in.txt", $"One.\n{Long}\nThree.\n");
        Tool.Result result = (await RunAsync(["embed", input, "--out", _folder["out.npy"], .. option])).Succeeded();
        Assert.Contains("3 texts, 1 cut in", result.Error, StringComparison.Ordinal);
        JsonElement problem = Assert.Single(Vectors.Lines(_folder["out.npy.problems.jsonl"]));
        Assert.Equal((1, 1, 2, "cut", Long.Length), (problem.GetProperty("row").GetInt32(), problem.GetProperty("index").GetInt32(), problem.GetProperty("line").GetInt32(), problem.GetProperty("action").GetString(), problem.GetProperty("characters").GetInt32()));
        int kept = problem.GetProperty("kept").GetInt32();
        Assert.InRange(kept, 100, Long.Length - 1);

        float[][] vectors = Vectors.Npy(_folder["out.npy"]), cutByTheLibrary = await ExpectedAsync(TextOverflow.Truncate, Long), cutByHand = await ExpectedAsync(TextOverflow.Error, Long[..kept]);
        Assert.Equal(1, Vectors.Cosine(cutByTheLibrary[0], vectors[1]), 6);
        Assert.Equal(1, Vectors.Cosine(cutByHand[0], vectors[1]), 6);
    }

    [Fact]
    public async Task Truncate_TextThatCannotBeRead_StillStops()
    {
        string input = _folder.Write("in.jsonl", "{\"text\":\"One.\"}\n{}\n");
        (await RunAsync("embed", input, "--out", _folder["out.npy"], "--on-error", "truncate")).FailedWith("in.jsonl, line 2: expected a JSON object with a text in the field 'text'");
    }

    [Fact]
    public async Task Skip_EveryText_LeavesAnEmptyOutputAndTheList()
    {
        string input = _folder.Write("in.txt", $"{Long}\n{Long}\n");
        (await RunAsync("embed", input, "--out", _folder["out.npy"], "--on-error", "skip")).Succeeded();
        Assert.Empty(Vectors.Npy(_folder["out.npy"]));
        Assert.Equal(2, Vectors.Lines(_folder["out.npy.problems.jsonl"]).Length);
    }

    [Fact]
    public async Task StandardOutput_WhatIsLeftOut_IsWarnedOfButNotForEver()
    {
        string input = _folder.Write("in.jsonl", "{\"text\":\"One.\"}\n" + string.Concat(Enumerable.Repeat("{}\n", 30)));
        Tool.Result result = (await RunAsync("embed", input, "--out", "-", "--on-error", "skip")).Succeeded();
        Assert.Single(Vectors.Parse(result.Output));
        Assert.Contains("warning: in.jsonl, line 2 is left out: expected a JSON object", result.Error, StringComparison.Ordinal);
        Assert.Equal(20, result.Error.Split("warning:").Length - 1);
        Assert.Contains("1 text, 30 skipped", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warning_NewRunWithoutProblems_TakesTheOldListsAway()
    {
        string input = _folder.Write("in.jsonl", "{\"text\":\"One.\"}\n{}\n");
        (await RunAsync("embed", input, "--out", _folder["out.npy"], "--on-error", "skip")).Succeeded();
        Assert.Equal(["in.jsonl", "out.npy", "out.npy.meta.json", "out.npy.problems.jsonl", "out.npy.rows.jsonl"], Files());
        string plain = _folder.Write("plain.txt", "One.\n");
        (await RunAsync("embed", plain, "--out", _folder["out.npy"], "--force")).Succeeded();
        Assert.Equal(["in.jsonl", "out.npy", "out.npy.meta.json", "plain.txt"], Files());
    }

    private static async Task<float[][]> ExpectedAsync(TextOverflow overflow, params string[] texts)
    {
        using MetaEolEmbeddingGenerator generator = new(new MetaEolOptions { ModelPath = TestPaths.DemoModel, TextOverflow = overflow });
        return [.. (await generator.GenerateAsync(texts)).Select(embedding => embedding.Vector.ToArray())];
    }

    private static Task<Tool.Result> RunAsync(params string[] arguments) => InProcess.RunAsync(arguments);

    private string[] Files() => [.. Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];
}
