using System.Text;
using System.Text.Json;
using MetaEol.Tests;

namespace MetaEol.Cli.Tests.Commands;

/// <summary>What <c>embed</c> reads, and what of it stands beside the vectors.</summary>
public sealed class EmbedInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task JsonLines_IdsAndFields_AreKeptToTheLetter()
    {
        string input = _folder.Write("in.jsonl", """
            {"id": 12345678901234567890.50, "body": "A dog runs.", "tags": ["a", {"b": null}], "name": "Vögel \u00e9", "embedding": [1, 2]}

            {"body": "A cat sleeps.", "index": "own"}
            """);
        JsonElement[] lines = await EmbedAsync(input, "--field", "body");
        Assert.Equal(["index", "id", "body", "tags", "name", "text", "embedding"], lines[0].EnumerateObject().Select(property => property.Name));
        Assert.Equal("12345678901234567890.50", lines[0].GetProperty("id").GetRawText());
        Assert.Equal("""["a", {"b": null}]""", lines[0].GetProperty("tags").GetRawText());
        Assert.Equal("Vögel é", lines[0].GetProperty("name").GetString());
        Assert.Equal("A dog runs.", lines[0].GetProperty("text").GetString());
        Assert.Equal(Vectors.Dimensions, lines[0].GetProperty("embedding").GetArrayLength());
        Assert.Equal("own", lines[1].GetProperty("index").GetString());

        (await RunAsync("embed", input, "--out", _folder["out.npy"], "--field", "body")).Succeeded();
        JsonElement[] rows = Vectors.Lines(_folder["out.npy.rows.jsonl"]);
        Assert.Equal(["row", "index", "id", "tags", "name"], rows[0].EnumerateObject().Select(property => property.Name));
        Assert.Equal((1, "own"), (rows[1].GetProperty("row").GetInt32(), rows[1].GetProperty("index").GetString()));
    }

    [Fact]
    public async Task Table_ByNameOfItsColumn_KeepsTheOthers()
    {
        string input = _folder.Write("in.csv", "\uFEFFid,Text,note\n7,\"A dog, a \"\"good\"\" one,\nruns.\",x\n\n8,A cat sleeps.,\"y,z\"\n");
        JsonElement[] lines = await EmbedAsync(input, "--column", "Text");
        Assert.Equal(["A dog, a \"good\" one,\nruns.", "A cat sleeps."], lines.Select(line => line.GetProperty("text").GetString()));
        Assert.Equal([("7", "x"), ("8", "y,z")], lines.Select(line => (line.GetProperty("id").GetString()!, line.GetProperty("note").GetString()!)));
    }

    [Fact]
    public async Task Table_ByNumberOfItsColumn_HasNoHeadings()
    {
        string input = _folder.Write("in.tsv", "1\tA \"dog\" runs.\n2\tA cat sleeps.\n");
        JsonElement[] lines = await EmbedAsync(input, "--column", "2");
        Assert.Equal(["A \"dog\" runs.", "A cat sleeps."], lines.Select(line => line.GetProperty("text").GetString()));
        Assert.Equal(["1", "2"], lines.Select(line => line.GetProperty("column1").GetString()));

        string semicolons = _folder.Write("in.txt", "A dog, a cat;1\n");
        Assert.Equal("A dog, a cat", (await EmbedAsync(semicolons, "--column", "1", "--separator", "semicolon"))[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task Table_WithoutTheColumn_SaysWhichThereAre()
    {
        string input = _folder.Write("in.csv", "id,body\n1,x\n"), twice = _folder.Write("twice.csv", "a,a,text\n1,2,3\n");
        await FailsAsync("in.csv has no column 'text' but 'id', 'body'; name the one that holds the texts with --column", "embed", input, "--out", "-");
        await FailsAsync("has no column 'none'", "embed", input, "--out", "-", "--column", "none");
        await FailsAsync("it has 2 columns, and --column asks for column 3", "embed", input, "--out", "-", "--column", "3");
        await FailsAsync("--column is 0", "embed", input, "--out", "-", "--column", "0");
        await FailsAsync("names two columns 'a'", "embed", twice, "--out", "-");
        await FailsAsync("in.csv is empty", "embed", _folder.Write("empty/in.csv", ""), "--out", "-");
        await FailsAsync("give one of the two", "embed", input, "--out", "-", "--column", "body", "--field", "x");
        await FailsAsync("line 2: a quote is opened and never closed", "embed", _folder.Write("open.csv", "text\n\"x\n"), "--out", "-");
    }

    [Fact]
    public async Task Folder_IntoAMatrix_HasAListOfWhichRowIsWhichFile()
    {
        _folder.Write("docs/b.md", "The second file.");
        _folder.Write("docs/a/x.txt", "The first file.");
        (await RunAsync("embed", _folder["docs"], "--out", _folder["out.safetensors"])).Succeeded();
        JsonElement[] rows = Vectors.Lines(_folder["out.safetensors.rows.jsonl"]);
        Assert.Equal([(0, Path.Combine("a", "x.txt")), (1, "b.md")], rows.Select(row => (row.GetProperty("row").GetInt32(), row.GetProperty("file").GetString()!)));

        // Plain lines need none: row i is line i.
        (await RunAsync("embed", _folder.Write("in.txt", "a\nb\n"), "--out", _folder["plain.npy"])).Succeeded();
        Assert.False(File.Exists(_folder["plain.npy.rows.jsonl"]));
        await FailsAsync("--field and --column are for files with many texts", "embed", _folder["docs"], "--out", "-", "--field", "x");
    }

    [SkippableFact]
    public async Task Folder_PipeOrDeadLinkInIt_IsNamedAndNeverWaitedFor()
    {
        Skip.If(OperatingSystem.IsWindows(), "Named pipes in folders are Unix's.");
        _folder.Write("docs/a.txt", "A text.");
        using (System.Diagnostics.Process mkfifo = System.Diagnostics.Process.Start("mkfifo", [_folder["docs", "pipe.txt"]]))
        {
            await mkfifo.WaitForExitAsync();
        }

        File.CreateSymbolicLink(_folder["docs", "dead.txt"], "nowhere");
        File.CreateSymbolicLink(_folder["docs", "zero.txt"], "/dev/zero");
        _folder.Write("docs/empty.txt", string.Empty);
        await FailsAsync("it is no regular file", "embed", _folder["docs"], "--out", _folder["out.jsonl"]);
        (await RunAsync("embed", _folder["docs"], "--out", _folder["out.jsonl"], "--on-error", "skip")).Succeeded();
        Assert.Equal(["a.txt", "empty.txt"], Vectors.Lines(_folder["out.jsonl"]).Select(line => line.GetProperty("file").GetString()));
        Assert.Equal(["dead.txt", "pipe.txt", "zero.txt"], Vectors.Lines(_folder["out.jsonl.problems.jsonl"]).Select(line => line.GetProperty("file").GetString()));
    }

    [Fact]
    public async Task Encoding_BytesThatAreNone_AreWarnedOf()
    {
        string input = _folder["latin.txt"];
        await File.WriteAllBytesAsync(input, [.. "fine\nV"u8, 0xF6, .. "gel\n"u8]);
        Tool.Result result = (await RunAsync("embed", input, "--out", "-")).Succeeded();
        Assert.Contains("warning: 1 text had bytes that are not utf-8 and were read as U+FFFD, the first in latin.txt, line 2; --encoding names another one", result.Error, StringComparison.Ordinal);
        Assert.Equal("V\uFFFDgel", Vectors.Parse(result.Output)[1].GetProperty("text").GetString());

        Tool.Result right = (await RunAsync("embed", input, "--out", "-", "--encoding", "windows-1252")).Succeeded();
        Assert.DoesNotContain("warning", right.Error, StringComparison.Ordinal);
        Assert.Equal("Vögel", Vectors.Parse(right.Output)[1].GetProperty("text").GetString());

        await File.WriteAllBytesAsync(_folder["docs.txt"], [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("Vögel\n")]);
        Assert.Equal("Vögel", (await EmbedAsync(_folder["docs.txt"]))[0].GetProperty("text").GetString());
    }

    private Task<Tool.Result> RunAsync(params string[] arguments) => InProcess.RunAsync([.. arguments, "--templates", "prompteol"]);

    private async Task FailsAsync(string expected, params string[] arguments) => (await RunAsync(arguments)).FailedWith(expected);

    private async Task<JsonElement[]> EmbedAsync(string input, params string[] options) => Vectors.Parse((await RunAsync(["embed", input, "--out", "-", .. options])).Succeeded().Output);
}
