using System.Text.Json;
using MetaEol.Cli.CommandLine;
using MetaEol.Tests;

namespace MetaEol.Cli.Tests.Commands;

/// <summary>What is typed, right and wrong.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("embed a --out b --batch x", "--batch is 'x': write a whole number from 1 to 4096.")]
    [InlineData("embed a --out b --batch 1.5", "--batch is '1.5': write a whole number from 1 to 4096.")]
    [InlineData("embed a --out b --batch 99999999999999999999", "--batch is '99999999999999999999': write a whole number from 1 to 4096.")]
    [InlineData("embed a --out b --batch 4097", "write a whole number from 1 to 4096.")]
    [InlineData("embed a --out b --threads many", "--threads is 'many': write a whole number from 1 to 1024.")]
    [InlineData("embed a --out b --threads 0", "--threads is '0': write a whole number from 1 to 1024.")]
    [InlineData("embed a --out b --threads 100000", "--threads is '100000': write a whole number from 1 to 1024.")]
    [InlineData("embed a --out b --format npz", "--format is 'npz': write jsonl, npy or safetensors.")]
    [InlineData("embed a --out b --format 1", "--format is '1': write jsonl, npy or safetensors.")]
    [InlineData("embed a --out b --on-error ignore", "--on-error is 'ignore': write stop, skip or truncate.")]
    [InlineData("embed a --out b --encoding klingon", "--encoding: 'klingon' is not an encoding that can be read: write a name such as utf-8")]
    [InlineData("embed a --out b --encoding utf-7", "'utf-7' is not an encoding that can be read")]
    [InlineData("embed a --out b --separator pipe", "--separator is 'pipe': write comma, tab or semicolon.")]
    [InlineData("embed a --out b --truncate --on-error skip", "--truncate and --on-error skip contradict each other")]
    [InlineData("embed a --out b --layer deep", "'deep' is not a layer for --layer: write an index such as 24 or -1, a depth such as 75%, or last.")]
    [InlineData("explain a --top 1e3", "--top is '1e3': write a whole number from 1 to 1000.")]
    [InlineData("explain a --top -1", "--top is '-1': write a whole number from 1 to 1000.")]
    [InlineData("eval sts x --split foo", "--split is 'foo': write test or dev.")]
    [InlineData("eval sts x --split 1", "--split is '1': write test or dev.")]
    [InlineData("eval transfer x --folds 1", "--folds is '1': write a whole number from 2 to 100.")]
    [InlineData("sweep layers x --plot a.png", "--plot draws SVG: end 'a.png' with .svg.")]
    [InlineData("templates generate x --tasks 21", "--tasks is '21': write a whole number from 1 to 20.")]
    [InlineData("templates generate x --per-task none", "--per-task is 'none': write a whole number from 1 to 10.")]
    [InlineData("templates generate x --endpoint ftp://x", "--endpoint is 'ftp://x', which is not an http or https address")]
    public async Task Value_NotAccepted_IsNamedWithWhatIs(string line, string expected) => (await InProcess.RunAsync(line.Split(' '))).FailedWith(expected, exitCode: 2);

    [Theory]
    [InlineData("--model")]
    [InlineData("--templates")]
    [InlineData("--field")]
    public async Task Value_Empty_IsNamed(string option) => (await InProcess.RunAsync("embed", "a", "--out", "b", option, " ")).FailedWith($"{option} has an empty value", exitCode: 2);

    [Theory]
    [InlineData("explain hi --jsn", "'--jsn' is not an option of 'metaeol explain'; did you mean --json?")]
    [InlineData("explain --jsn", "did you mean --json?")]
    [InlineData("explain hi --tpo=3", "'--tpo' is not an option of 'metaeol explain'; did you mean --top?")]
    [InlineData("explain hi -x", "'-x' is not an option of 'metaeol explain'.")]
    [InlineData("explain hi --temp metaeol", "did you mean --templates?")]
    [InlineData("embed in.txt --out --jsn", "'--jsn' is not an option of 'metaeol embed'; did you mean --json?")]
    [InlineData("embed in.txt --ouput x", "did you mean --out?")]
    [InlineData("templates check x --stric", "'--stric' is not an option of 'metaeol templates check'; did you mean --strict?")]
    [InlineData("explain hi --JSON", "did you mean --json?")]
    [InlineData("explain hi --json=yes", "--json takes no value")]
    [InlineData("info --laye 3", "'--laye' is not an option of 'metaeol info'.")]
    public async Task Option_Misspelt_IsNeverTakenAsAnArgument(string line, string expected) => (await InProcess.RunAsync(line.Split(' '))).FailedWith(expected, exitCode: 2);

    [Theory]
    [InlineData("embedd", "'embedd' is not a command; did you mean embed?")]
    [InlineData("serach . x", "did you mean search?")]
    [InlineData("template", "did you mean templates?")]
    [InlineData("templates chek x", "'chek' is not a command of 'metaeol templates'; did you mean check?")]
    [InlineData("embedd --help", "did you mean embed?")]
    [InlineData("frobnicate", "'frobnicate' is not a command. There are embed, search,")]
    [InlineData("explain a b c", "'c' is one argument more than 'metaeol explain' takes")]
    [InlineData("@file", "'@file' is not a command.")]
    public async Task Command_NotKnown_IsToldWithTheNearest(string line, string expected) => (await InProcess.RunAsync(line.Split(' '))).FailedWith(expected, exitCode: 2);

    [Theory]
    [InlineData("", "Commands:")]
    [InlineData("eval", "sts")]
    [InlineData("sweep", "layers")]
    [InlineData("templates", "generate")]
    [InlineData("embed --help", "metaeol embed reviews.jsonl")]
    public async Task Help_NothingElseAsked_ExitsWithZero(string line, string expected)
    {
        Tool.Result result = (await InProcess.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Succeeded();
        Assert.Contains(expected, result.Output, StringComparison.Ordinal);
        Assert.Empty(result.Error);
        foreach (string code in new[] { "0 done", "1 failed", "2 command line", "130 cancelled", "141 nobody" })
        {
            Assert.Contains(code, result.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Arguments_BehindADoubleDash_AreTexts()
    {
        Tool.Result result = (await InProcess.RunAsync("explain", "--top", "1", "--json", "--model", TestPaths.DemoModel, "--", "--jsn", "-x")).Succeeded();
        Assert.Equal(["--jsn", "-x"], JsonDocument.Parse(result.Output).RootElement.GetProperty("texts").EnumerateArray().Select(text => text.GetProperty("text").GetString()));
    }

    [Theory]
    [InlineData("-5")]
    [InlineData("- a list item")]
    [InlineData("@someone")]
    [InlineData("[suggest]")]
    [InlineData("true")]
    public async Task Text_ThatLooksLikeSomethingElse_IsAText(string text)
    {
        Tool.Result result = (await InProcess.RunAsync("explain", "--json", text, "--top", "1", "--templates", "prompteol")).Succeeded();
        Assert.Equal(text, JsonDocument.Parse(result.Output).RootElement.GetProperty("texts")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task Arguments_AtRandom_NeverGiveAStackTrace()
    {
        string input = _folder.Write("in.txt", "One.\n"), none = _folder["none"];
        string[] words =
        [
            "embed", "search", "explain", "eval", "sts", "transfer", "sweep", "layers", "templates", "list", "show", "check", "pull", "info", "--help", "--version", "--verbose=1", "--out", "-", "--json", "--batch",
            "0", "-1", "99999999999", "x", "", " ", "--", "-x", "--jsn", "--layer", "50%", "200%", "NaN", "--threads", "1", "--model", none, input, _folder.Path, "--templates", "metaeol/none", "prompteol",
            "--top", "--split", "dev", "--format", "npy", "--resume", "--force", "--column", "--field", "--encoding", "utf-9", "@x", "[parse]", "[suggest:1]", "\u001b[31m", new string('y', 5000), "=", "--=", "--out=", "-o", "ä", "\ud800", "/?", "?",
        ];
        Random random = new(1);
        for (int run = 0; run < 400; run++)
        {
            string[] line = [.. Enumerable.Range(0, random.Next(1, 7)).Select(_ => words[random.Next(words.Length)])];
            using MemoryStream output = new(), error = new();
            int exitCode = await MetaEolTool.RunAsync(line, new Terminal(output, error, 80, 80)).WaitAsync(Patience.Hang);
            string told = System.Text.Encoding.UTF8.GetString(error.ToArray());
            Assert.True(exitCode is 0 or 1 or 2 && !told.Contains("   at ", StringComparison.Ordinal) && !told.Contains('\u001b') && told.Length < 4000, $"{string.Join(' ', line)} gave {exitCode}: {told}");
        }
    }

    [Theory]
    [InlineData("--jsn", "--json")]
    [InlineData("--thraeds", "--threads")]
    [InlineData("--no-normalise", "--no-normalize")]
    [InlineData("--lay", "--layer")]
    [InlineData("--topmost", "--top")]
    [InlineData("--zzz", null)]
    [InlineData("-q", null)]
    public void Suggestion_IsTheClosestAndOnlyIfClose(string typed, string? expected) =>
        Assert.Equal(expected, Suggestion.For(typed, ["--json", "--threads", "--no-normalize", "--layer", "-l", "--top", "-t"]));

    [Theory]
    [InlineData("json", "jsn", 1)]
    [InlineData("abcd", "abdc", 1)]
    [InlineData("", "abc", 3)]
    [InlineData("Kitten", "sitting", 3)]
    public void Suggestion_Distance_CountsLetters(string first, string second, int expected) => Assert.Equal(expected, Suggestion.Distance(first, second));

    [Fact]
    public void Suggestion_LongWord_CostsNothing() => Assert.Null(Suggestion.For(new string('x', 10_000_000), ["--json"]));

    [Fact]
    public async Task Json_OfEveryCommandThatGained_IsWellFormed()
    {
        JsonElement list = Parse(await InProcess.RunAsync("templates", "list", "--json"));
        Assert.Equal(["metaeol", "prompteol", "essence", "duo", "retrieval"], list.EnumerateArray().Select(set => set.GetProperty("name").GetString()));

        string poor = _folder.Write("poor.json", """{ "name": "poor", "templates": [ { "name": "a", "text": "{text} What is it about?" } ] }""");
        JsonElement check = Parse(await InProcess.RunAsync("templates", "check", poor, "--json"));
        Assert.Equal(("poor", 1, 4), (check.GetProperty("set").GetString(), check.GetProperty("templates").GetInt32(), check.GetProperty("warnings").GetArrayLength()));
        Assert.All(check.GetProperty("warnings").EnumerateArray(), warning => Assert.Equal("a", warning.GetProperty("template").GetString()));
        Tool.Result strict = await InProcess.RunAsync("templates", "check", poor, "--json", "--strict");
        Assert.Equal(1, strict.ExitCode);
        Assert.Equal(4, JsonDocument.Parse(strict.Output).RootElement.GetProperty("warnings").GetArrayLength());

        JsonElement info = Parse(await InProcess.RunAsync("info", TestPaths.DemoModel, "--json"));
        Assert.True(info.GetProperty("supported").GetBoolean());
        Assert.Equal((256, 4, 512), (info.GetProperty("dimensions").GetInt32(), info.GetProperty("layers").GetInt32(), info.GetProperty("contextTokens").GetInt32()));
        _folder.Write("gpt/config.json", """{ "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2" }""");
        Tool.Result refused = await InProcess.RunAsync("info", _folder["gpt"], "--json");
        refused.FailedWith("cannot be used");
        Assert.Contains("GPT2LMHeadModel", JsonDocument.Parse(refused.Output).RootElement.GetProperty("refusal").GetString(), StringComparison.Ordinal);

        string input = _folder.Write("in.txt", "one\ntwo\n");
        JsonElement embedded = Parse(await InProcess.RunAsync("embed", input, "--out", _folder["out.npy"], "--json", "--templates", "prompteol"));
        Assert.Equal(("npy", 2, 256), (embedded.GetProperty("format").GetString(), embedded.GetProperty("rows").GetInt32(), embedded.GetProperty("dimensions").GetInt32()));
        Assert.Equal(_folder["out.npy"], embedded.GetProperty("output").GetString());
        (await InProcess.RunAsync("embed", input, "--out", "-", "--json")).FailedWith("--json are for an output file");
    }

    private static JsonElement Parse(Tool.Result result) => JsonDocument.Parse(result.Succeeded().Output).RootElement;
}
