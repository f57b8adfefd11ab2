using System.Text.Json;
using MetaEol.Tests;

namespace MetaEol.Cli.Tests.Commands;

/// <summary><c>filter</c>, and what the other commands make of <c>--dimensions</c>.</summary>
public sealed class FilterCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Filter_Model_ComputesTheBasisOnceAndInfoTellsOfIt()
    {
        Assert.Contains("or ahead with 'metaeol filter'", (await RunAsync("info", TestPaths.DemoModel)).Succeeded().Output, StringComparison.Ordinal);
        JsonElement first = Json(await RunAsync("filter", TestPaths.DemoModel, "--json"));
        Assert.True(first.GetProperty("computed").GetBoolean());
        Assert.Equal(256, first.GetProperty("dimensions").GetInt32());
        Assert.Equal(256, first.GetProperty("singularValues").GetArrayLength());
        string path = first.GetProperty("path").GetString()!;
        Assert.Equal(path, Assert.Single(Directory.GetFiles(_folder["cache", "filters"])));

        Assert.False(Json(await RunAsync("filter", TestPaths.DemoModel, "--json")).GetProperty("computed").GetBoolean());
        Assert.Contains("there already", (await RunAsync("filter", TestPaths.DemoModel)).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains($"by the basis in {path}", (await RunAsync("info", TestPaths.DemoModel)).Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal(path, Json(await RunAsync("info", TestPaths.DemoModel, "--json")).GetProperty("filterBasis").GetString());

        File.WriteAllText(path, "damaged");
        Assert.True(Json(await RunAsync("filter", "--threads", "1", "--json")).GetProperty("computed").GetBoolean());
        Assert.True(Json(await RunAsync("filter", "--force", "--json")).GetProperty("computed").GetBoolean());
    }

    [Fact]
    public async Task Embed_Dimensions_AreThoseOfTheVectorsAndPartOfWhatAResumeCompares()
    {
        string texts = _folder.Write("texts.txt", "One text.\nAnother text.\n"), output = _folder["vectors.jsonl"];
        JsonElement summary = Json(await RunAsync("embed", texts, "--out", output, "--dimensions", "100", "--json"));
        Assert.Equal(100, summary.GetProperty("dimensions").GetInt32());
        Assert.All(File.ReadAllLines(output), line => Assert.Equal(100, JsonDocument.Parse(line).RootElement.GetProperty("embedding").GetArrayLength()));

        string random = _folder["random.jsonl"];
        JsonElement other = Json(await RunAsync("embed", texts, "--out", random, "--dimensions", "100", "--filter", "random", "--json"));
        Assert.NotEqual(summary.GetProperty("fingerprint").GetString(), other.GetProperty("fingerprint").GetString());
        Assert.NotEqual(File.ReadAllText(output), File.ReadAllText(random));
        (await RunAsync("embed", texts, "--out", output, "--dimensions", "50", "--resume")).FailedWith("vectors.jsonl");
    }

    [Fact]
    public async Task Search_OtherDimensions_AreNamedAndRememberedByTheIndex()
    {
        _folder.Write("docs/music.md", "# Music\n\nThe band plays a slow song on the guitar.\n");
        string docs = _folder["docs"];
        (await RunAsync("search", docs, "guitar", "--dimensions", "64", "--filter", "random:3")).Succeeded();
        Assert.Contains("; 0 embedded now", (await RunAsync("search", docs, "guitar")).Succeeded().Error, StringComparison.Ordinal);
        (await RunAsync("search", docs, "guitar", "--dimensions", "32")).FailedWith("dimensions 32 instead of 64");
        (await RunAsync("search", docs, "guitar", "--dimensions", "64", "--filter", "random:4")).FailedWith("filter random:4 instead of random:3");
    }

    [Theory]
    [InlineData("--dimensions 300", "write 1 to 256")]
    [InlineData("--dimensions 0", "--dimensions is '0'")]
    [InlineData("--dimensions 128 --filter narrow", "'narrow' is not a filter for --filter: write spectral")]
    [InlineData("--dimensions 128 --filter off", "'off' is not a filter")]
    [InlineData("--filter random", "write --dimensions, too")]
    public async Task Embed_DimensionsThatCannotBe_SaysWhatCan(string arguments, string message)
    {
        Tool.Result result = await RunAsync(["embed", _folder.Write("texts.txt", "A text.\n"), "--out", _folder["out.jsonl"], .. arguments.Split(' ')]);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["out.jsonl"]));
    }

    private static JsonElement Json(Tool.Result result) => JsonDocument.Parse(result.Succeeded().Output).RootElement;

    private Task<Tool.Result> RunAsync(params string[] arguments) => Tool.RunWithAsync(null, new Dictionary<string, string> { ["METAEOL_CACHE"] = _folder["cache"] }, arguments);
}
