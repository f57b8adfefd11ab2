using System.Text.Json;
using MetaEol.Tests;

namespace MetaEol.Cli.Tests.Commands;

/// <summary><c>tune</c>: the best settings for their price.</summary>
public sealed class TuneCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Pairs => _folder.Write("pairs.jsonl", string.Join('\n', Enumerable.Range(0, 60).Select(i =>
        $$"""{"first": "A text about {{Word(i)}}.", "second": "He reads about {{Word(i * 7)}} and {{Word(i / 2)}}.", "score": {{i * 13 % 50}}}""")));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Tune_OwnPairs_ChoosesDrawsAndGivesTheSettings()
    {
        string plot = _folder["tune.svg"];
        JsonElement result = JsonDocument.Parse((await RunAsync("--plot", plot, "--json")).Succeeded().Output).RootElement;
        Assert.Equal("pairs.jsonl", result.GetProperty("data").GetString());
        JsonElement choice = result.GetProperty("choice"), settings = result.GetProperty("settings").GetProperty("MetaEol");
        Assert.Equal(choice.GetProperty("templates").GetString(), settings.GetProperty("TemplateSet").GetString());
        Assert.Equal(result.GetProperty("front").EnumerateArray().Max(score => score.GetProperty("dev").GetDouble()), choice.GetProperty("dev").GetDouble());
        Assert.Equal(2 * 3, result.GetProperty("all").GetArrayLength());
        JsonElement gain = result.GetProperty("gain");
        Assert.InRange(gain.GetProperty("mean").GetDouble(), gain.GetProperty("low").GetDouble() - 50, gain.GetProperty("high").GetDouble() + 50);
        Assert.Contains("score against cost", File.ReadAllText(plot), StringComparison.Ordinal);

        // A budget between the cheapest and the best takes the better of what is left.
        double cheapest = result.GetProperty("all").EnumerateArray().Min(score => score.GetProperty("tokens").GetDouble());
        string budget = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{cheapest + 0.01:0.00}tokens");
        JsonElement small = JsonDocument.Parse((await RunAsync("--budget", budget, "--json")).Succeeded().Output).RootElement.GetProperty("choice");
        Assert.InRange(small.GetProperty("tokens").GetDouble(), 0, cheapest + 0.01);

        string table = (await RunAsync("--all")).Succeeded().Output;
        Assert.Contains("◂ chosen", table, StringComparison.Ordinal);
        Assert.Contains("\"TemplateSet\"", table, StringComparison.Ordinal);
        (await RunAsync("--budget", "0.01tokens")).FailedWith("Nothing that was tried is within the budget");
    }

    [Theory]
    [InlineData("--budget 20", "--budget is '20': write milliseconds or tokens", 2)]
    [InlineData("--budget -1ms", "--budget is '-1ms'", 2)]
    [InlineData("--sizes many", "--sizes has 'many'", 1)]
    [InlineData("--sizes 300", "300 dimensions cannot be made of this model's 256", 1)]
    [InlineData("--layers top", "'top' is not a layer", 1)]
    [InlineData("--task STS-B", "--task is for SentEval's data folder", 1)]
    public async Task Tune_WrongOption_SaysWhatIsAccepted(string arguments, string message, int exitCode) =>
        (await InProcess.RunAsync(["tune", Pairs, .. arguments.Split(' '), "--model", TestPaths.DemoModel])).FailedWith(message, exitCode);

    [Fact]
    public async Task Tune_TooFewPairs_SaysHowManyAreNeeded() =>
        (await InProcess.RunAsync("tune", _folder.Write("few.jsonl", """{"first": "a", "second": "b", "score": 1}"""), "--model", TestPaths.DemoModel)).FailedWith("at least 10 of each");

    private Task<Tool.Result> RunAsync(params string[] arguments) => InProcess.RunAsync(
        ["tune", Pairs, "--sets", "prompteol", "--layers", "last,50%", "--sizes", "256,32", "--no-prepending", .. arguments, "--model", TestPaths.DemoModel]);

    private static string Word(int i) => ((string[])["music", "money", "dogs", "snow", "soup", "trains", "stars"])[i % 7];
}
