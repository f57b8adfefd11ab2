using System.Text.Json;
using MetaEol.Tests;

namespace MetaEol.Cli.Tests.Commands;

/// <summary><c>embed --split</c>: a row for each passage.</summary>
public sealed class EmbedSplitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Embed_SplitFolder_GivesARowForEachPassageWithItsPlace()
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
    public async Task Embed_SplitLongLines_FitsWhatWouldNotFit()
    {
        string text = _folder.Write("in.txt", "Short.\n" + string.Concat(Enumerable.Repeat("A long line of many sentences. ", 200)) + "\nLast.\n");
        (await InProcess.RunAsync("embed", text, "--out", _folder["whole.npy"])).FailedWith("--split embeds their passages");
        (await InProcess.RunAsync("embed", text, "--split", "--out", _folder["out.npy"])).Succeeded();

        JsonElement[] rows = [.. File.ReadLines(_folder["out.npy.rows.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.True(rows.Length > 4);
        Assert.Equal([0, .. Enumerable.Repeat(1, rows.Length - 2), 2], rows.Select(row => row.GetProperty("index").GetInt32()));
        Assert.Equal(128 + (4L * 256 * rows.Length), new FileInfo(_folder["out.npy"]).Length);
    }
}
