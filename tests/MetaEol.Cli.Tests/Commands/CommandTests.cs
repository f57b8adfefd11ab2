using System.Text.Json;
using System.Xml.Linq;
using MetaEol.Cli.Tests.Hub;
using MetaEol.Tests;
using static MetaEol.Cli.Tests.Hub.HttpServer;

namespace MetaEol.Cli.Tests.Commands;

/// <summary>Every command but embed, each as a process.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("embed")]
    [InlineData("search")]
    [InlineData("similar")]
    [InlineData("explain")]
    [InlineData("eval sts")]
    [InlineData("eval transfer")]
    [InlineData("eval retrieval")]
    [InlineData("sweep layers")]
    [InlineData("sweep templates")]
    [InlineData("templates list")]
    [InlineData("templates show")]
    [InlineData("templates check")]
    [InlineData("templates generate")]
    [InlineData("filter")]
    [InlineData("tune")]
    [InlineData("pull")]
    [InlineData("info")]
    public async Task Help_EveryCommand_HasAnExampleAndExitCodes(string command)
    {
        Tool.Result result = (await Tool.RunAsync([.. command.Split(' '), "--help"])).Succeeded();
        Assert.Contains("Examples:", result.Output, StringComparison.Ordinal);
        Assert.Contains($"  metaeol {command}", result.Output, StringComparison.Ordinal);
        Assert.Contains("Exit codes: 0 done", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CommandLine_NotUnderstood_ExitsWithTwoAndPointsToTheHelp()
    {
        (await Tool.RunAsync("embedd")).FailedWith("See 'metaeol --help'", exitCode: 2);
        (await Tool.RunAsync("embed", "x")).FailedWith("See 'metaeol embed --help'", exitCode: 2);
        (await Tool.RunAsync("eval", "sts", ".", "--split", "train")).FailedWith("See 'metaeol eval sts --help'", exitCode: 2);
    }

    [Fact]
    public async Task Error_WithVerbose_ShowsTheStackTrace()
    {
        Tool.Result result = await Tool.RunAsync("info", _folder["none"], "--verbose");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("   at ", result.Error, StringComparison.Ordinal);
        (await Tool.RunAsync("info", _folder["none"])).FailedWith("There is no folder");
    }

    [Fact]
    public async Task Explain_OneText_ShowsWordsAndCosines()
    {
        JsonElement result = JsonDocument.Parse((await Tool.RunAsync("explain", "The acting was superb.", "--top", "3", "--json")).Succeeded().Output).RootElement;
        JsonElement text = result.GetProperty("texts")[0];

        // Eight templates, and the plain prompt beside them.
        Assert.Equal(9, text.GetProperty("nextWords").GetArrayLength());
        foreach (JsonElement template in text.GetProperty("nextWords").EnumerateArray())
        {
            double[] probabilities = [.. template.GetProperty("tokens").EnumerateArray().Select(token => token.GetProperty("probability").GetDouble())];
            Assert.Equal(3, probabilities.Length);
            Assert.Equal(probabilities.OrderDescending(), probabilities);
            Assert.InRange(probabilities.Sum(), 1e-6, 1);
        }

        double[][] cosines = [.. text.GetProperty("cosines").EnumerateArray().Select(row => row.EnumerateArray().Select(value => value.GetDouble()).ToArray())];
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(1, cosines[i][i], 6);
            Assert.Equal(cosines[i][0], cosines[0][i], 9);
        }

        Assert.Contains("Next words for", (await Tool.RunAsync("explain", "The acting was superb.")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_TwoTexts_ShowsTheirSimilarity()
    {
        string output = (await Tool.RunAsync("explain", "A man plays a guitar.", "A man is playing a guitar.", "--templates", "metaeol")).Succeeded().Output;
        Assert.Contains("Similarity of the two texts", output, StringComparison.Ordinal);
        Assert.Contains("mean of all", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EvalSts_SmallTask_PrintsTableAndJson()
    {
        WriteSts();
        string output = (await Tool.RunAsync("eval", "sts", _folder["data"])).Succeeded().Output;
        Assert.Contains("STS-B", output, StringComparison.Ordinal);
        JsonElement json = JsonDocument.Parse((await Tool.RunAsync("eval", "sts", _folder["data"], "--tasks", "stsb", "--json")).Succeeded().Output).RootElement;
        Assert.Equal(5, json.GetProperty("tasks")[0].GetProperty("pairCount").GetInt32());
        Assert.InRange(json.GetProperty("average").GetDouble(), 50, 100);
        (await Tool.RunAsync("eval", "sts", _folder["data"], "--tasks", "STS14")).FailedWith("STS14 needs");
        (await Tool.RunAsync("eval", "sts", _folder["data"], "--tasks", "STS99")).FailedWith("There is no task 'STS99'");
        (await Tool.RunAsync("eval", "sts", _folder["none"])).FailedWith("There is no SentEval data folder");
    }

    [Fact]
    public async Task EvalTransfer_SmallTask_PrintsTableAndJson()
    {
        string[] good = ["a wonderful film", "superb acting", "i loved it", "great fun", "a delight"], bad = ["a terrible film", "awful acting", "i hated it", "no fun", "a bore"];
        _folder.Write("data/CR/custrev.pos", string.Concat(Enumerable.Range(0, 40).Select(i => $"{good[i % 5]} {i % 8}\n")));
        _folder.Write("data/CR/custrev.neg", string.Concat(Enumerable.Range(0, 40).Select(i => $"{bad[i % 5]} {i % 8}\n")));
        Tool.Result table = (await Tool.RunAsync("eval", "transfer", _folder["data"], "--folds", "2")).Succeeded();
        Assert.Contains("CR", table.Output, StringComparison.Ordinal);
        Assert.Contains("left out: MR, SUBJ", table.Error.ReplaceLineEndings(" "), StringComparison.Ordinal);
        JsonElement json = JsonDocument.Parse((await Tool.RunAsync("eval", "transfer", _folder["data"], "--folds", "2", "--tasks", "CR", "--json")).Succeeded().Output).RootElement;
        Assert.Equal(80, json.GetProperty("tasks")[0].GetProperty("testCount").GetInt32());
        Assert.InRange(json.GetProperty("average").GetDouble(), 60, 100);
    }

    [Fact]
    public async Task SweepLayers_WritesTableCsvAndPlot()
    {
        WriteSts();
        Tool.Result result = (await Tool.RunAsync("sweep", "layers", _folder["data"], "--csv", _folder["out", "layers.csv"], "--plot", _folder["out", "layers.svg"])).Succeeded();
        Assert.Contains("◂ best", result.Output, StringComparison.Ordinal);
        string[] csv = File.ReadAllLines(_folder["out", "layers.csv"]);
        Assert.Equal("hidden_states index,STS-B,average", csv[0]);
        Assert.Equal(["0", "1", "2", "3", "4"], csv[1..].Select(line => line.Split(',')[0]));
        Assert.Contains("best: layer", XElement.Load(_folder["out", "layers.svg"]).Value, StringComparison.Ordinal);
        (await Tool.RunAsync("sweep", "layers", _folder["data"], "--plot", _folder["x.png"])).FailedWith("--plot draws SVG", exitCode: 2);
    }

    [Fact]
    public async Task SweepTemplates_WritesTableCsvPlotAndJson()
    {
        WriteSts();
        (await Tool.RunAsync("sweep", "templates", _folder["data"], "--csv", _folder["t.csv"], "--plot", _folder["t.svg"])).Succeeded();
        string[] csv = File.ReadAllLines(_folder["t.csv"]);

        // First 1 to 8, each repeated, four meta-tasks alone, the best 1 to 8, and the heading.
        Assert.Equal(1 + 8 + 8 + 4 + 8, csv.Length);
        Assert.Contains("number of templates", XElement.Load(_folder["t.svg"]).Value, StringComparison.Ordinal);
        JsonElement json = JsonDocument.Parse((await Tool.RunAsync("sweep", "templates", _folder["data"], "--json")).Succeeded().Output).RootElement;
        Assert.Equal(8, json.GetProperty("best").GetArrayLength());
        Assert.Equal(4, json.GetProperty("metaTasks").GetArrayLength());
    }

    [Fact]
    public async Task Explain_LayersAndRoles_AreShown()
    {
        JsonElement words = JsonDocument.Parse((await Tool.RunAsync("explain", "The acting was superb.", "--templates", "duo", "--json")).Succeeded().Output).RootElement.GetProperty("texts")[0].GetProperty("nextWords");
        Assert.Equal([4, 3, 3], words.EnumerateArray().Select(template => template.GetProperty("layer").GetInt32()));
        Assert.Contains("layer", (await Tool.RunAsync("explain", "The acting was superb.", "--templates", "duo")).Succeeded().Output, StringComparison.Ordinal);
        string query = (await Tool.RunAsync("explain", "Who sings?", "--templates", "retrieval", "--role", "query")).Succeeded().Output;
        Assert.Contains("question-subject", query, StringComparison.Ordinal);
        Assert.DoesNotContain("passage-subject", query, StringComparison.Ordinal);
        (await Tool.RunAsync("explain", "x", "--role", "query")).FailedWith("'metaeol' does not tell questions from documents");
        (await Tool.RunAsync("explain", "x", "--templates", "duo", "--layer", "last")).FailedWith("has a layer of its own");
    }

    [Fact]
    public async Task Explain_TokenPrepending_ChangesTheViews()
    {
        string[] words = ["explain", "The acting was superb.", "--templates", "prompteol", "--json"];
        string without = (await Tool.RunAsync(words)).Succeeded().Output;
        string with = (await Tool.RunAsync([.. words, "--token-prepending"])).Succeeded().Output;
        Assert.NotEqual(without, with);
        Assert.NotEqual(with, (await Tool.RunAsync([.. words, "--token-prepending", "--token-prepending-end", "last"])).Succeeded().Output);
        (await Tool.RunAsync([.. words, "--token-prepending-end", "50%"])).FailedWith("write that too", exitCode: 2);
        (await Tool.RunAsync([.. words, "--token-prepending", "--token-prepending-end", "1"])).FailedWith("TokenPrependingEnd");
    }

    [Fact]
    public async Task Templates_LayersAndRoles_AreListedShownAndChecked()
    {
        string list = (await Tool.RunAsync("templates", "list")).Succeeded().Output.ReplaceLineEndings(" ");
        Assert.Contains("layer -2", list, StringComparison.Ordinal);
        Assert.Contains("query", list, StringComparison.Ordinal);
        JsonElement sets = JsonDocument.Parse((await Tool.RunAsync("templates", "list", "--json")).Succeeded().Output).RootElement;
        JsonElement duo = sets.EnumerateArray().Single(set => set.GetProperty("name").GetString() == "duo");
        Assert.Equal(["0.84", "-2"], duo.GetProperty("layers").EnumerateArray().Select(layer => layer.GetString()));
        Assert.Contains("0.84", (await Tool.RunAsync("templates", "show", "duo")).Succeeded().Output, StringComparison.Ordinal);
        string deep = _folder.Write("deep.json", """{ "name": "deep", "templates": [ { "text": "It : \"{text}\" means in one word:\"", "layer": 0 } ] }""");
        Assert.Contains("Its layer is 0", (await Tool.RunAsync("templates", "check", deep)).Succeeded().Output, StringComparison.Ordinal);
        (await Tool.RunAsync("templates", "check", _folder.Write("bad.json", """{ "name": "x", "templates": [ { "text": "{text}", "layer": "deep" } ] }"""))).FailedWith("'templates[0].layer'");
    }

    [Fact]
    public async Task Templates_ListShowAndCheck()
    {
        Assert.Contains("prompteol", (await Tool.RunAsync("templates", "list")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("strongest emotion", (await Tool.RunAsync("templates", "show", "metaeol/emotion")).Succeeded().Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        string own = _folder.Write("own.json", (await Tool.RunAsync("templates", "show", "metaeol", "--json")).Succeeded().Output);
        Assert.Contains("8 templates, no warnings", (await Tool.RunAsync("templates", "check", own, "--strict")).Succeeded().Output, StringComparison.Ordinal);

        string poor = _folder.Write("poor.json", """{ "name": "poor", "templates": [ { "name": "a", "text": "{text} What is it about?" } ] }""");
        string output = (await Tool.RunAsync("templates", "check", poor)).Succeeded().Output;
        foreach (string expected in new[] { "one word", "opening quote", "stands first", "without quotes" })
        {
            Assert.Contains(expected, output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        }

        (await Tool.RunAsync("templates", "check", poor, "--strict")).FailedWith("--strict");
        (await Tool.RunAsync("templates", "check", _folder.Write("bad.json", """{ "name": "x", "templates": [ "no place" ] }"""))).FailedWith("{text}");
    }

    [Fact]
    public async Task TemplatesGenerate_WithoutEndpoint_PrintsTheRequestAndReadsTheAnswer()
    {
        Tool.Result request = (await Tool.RunAsync("templates", "generate", "tickets of a bank")).Succeeded();
        Assert.StartsWith("Write prompt templates", request.Output, StringComparison.Ordinal);
        Assert.Contains("The texts: tickets of a bank", request.Output, StringComparison.Ordinal);

        string answer = _folder.Write("answer.txt", "Here you are:\n```json\n" + Answer("Clerks sort tickets. The topic of this ticket : \\\"{text}\\\" is, in one word:\\\"") + "\n```\n");
        (await Tool.RunAsync("templates", "generate", "x", "--answer", answer, "--out", _folder["bank.json"])).Succeeded();
        Assert.Contains("1 template, no warnings", (await Tool.RunAsync("templates", "check", _folder["bank.json"])).Succeeded().Output, StringComparison.Ordinal);
        (await Tool.RunAsync("templates", "generate", "x", "--answer", _folder.Write("bad.txt", "Sorry."))).FailedWith("no JSON object");
    }

    [Fact]
    public async Task TemplatesGenerate_WithEndpoint_AsksAgainUntilTheAnswerIsValid()
    {
        int asked = 0;
        await using HttpServer server = new(request => new Answer(200, JsonSerializer.Serialize(new
        {
            id = "1",
            @object = "chat.completion",
            created = 1,
            model = "tiny",
            choices = new[] { new { index = 0, finish_reason = "stop", message = new { role = "assistant", content = asked++ == 0 ? Answer("{text} is?") : Answer("Clerks sort. The topic of : \\\"{text}\\\" is, in one word:\\\"") } } },
        }))
        { Headers = { ["Content-Type"] = "application/json" } });
        Tool.Result result = (await Tool.RunAsync("templates", "generate", "tickets", "--endpoint", $"{server.Address}v1", "--chat-model", "tiny")).Succeeded();
        Assert.Equal("bank", JsonDocument.Parse(result.Output).RootElement.GetProperty("name").GetString());
        Assert.Equal(2, asked);
        Assert.All(server.Requests, request => Assert.Equal("/v1/chat/completions", request.Path));
        Assert.Contains("cannot be used", server.Requests.Last().Body, StringComparison.Ordinal);
        (await Tool.RunAsync("templates", "generate", "tickets", "--endpoint", "nowhere")).FailedWith("is not an http or https address", exitCode: 2);
    }

    [Fact]
    public async Task Pull_ThenModelByName_Works()
    {
        await using FakeHub hub = new();
        hub.Files.Clear();
        foreach (string name in new[] { "config.json", "tokenizer.json", "model.safetensors" })
        {
            hub.Files[name] = File.ReadAllBytes(Path.Combine(TestPaths.DemoModel, name));
        }

        Dictionary<string, string> environment = new() { ["HF_HOME"] = _folder["home"], ["HF_ENDPOINT"] = hub.Server.Address.AbsoluteUri };
        (await Tool.RunWithAsync(null, environment, "info", FakeHub.Repository)).FailedWith($"metaeol pull {FakeHub.Repository}");
        Tool.Result pulled = (await Tool.RunWithAsync(null, environment, "pull", FakeHub.Repository)).Succeeded();
        string snapshot = _folder["home", "hub", "models--some-org--tiny-llama", "snapshots", FakeHub.Commit];
        Assert.Equal(snapshot, pulled.Output.Trim());
        Assert.Contains("LlamaForCausalLM", (await Tool.RunWithAsync(null, environment, "info", FakeHub.Repository)).Succeeded().Output, StringComparison.Ordinal);
        Tool.Result embedded = (await Tool.RunWithAsync("A text.\n", environment, "embed", "-", "--out", "-", "--model", $"{FakeHub.Repository}@{FakeHub.Commit}")).Succeeded();
        Assert.Contains("\"embedding\"", embedded.Output, StringComparison.Ordinal);

        (await Tool.RunWithAsync(null, environment, "pull", "some-org/other")).FailedWith("some-org/other: the model has no such");
        (await Tool.RunWithAsync(null, environment, "pull", "../x")).FailedWith("is not a model on a hub");
    }

    [Fact]
    public async Task Info_DemoModel_TellsWhatItIs()
    {
        string output = (await Tool.RunWithAsync(null, new Dictionary<string, string> { ["METAEOL_MODEL"] = "" }, "info")).Succeeded().Output;
        foreach (string expected in new[] { "LlamaForCausalLM", "4 (hidden_states indices 0 to 4)", "512 tokens", "7.9 MB", "recommended layer", "supported" })
        {
            Assert.Contains(expected, output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Info_UnsupportedModel_SaysWhy()
    {
        _folder.Write("gpt/config.json", """{ "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2" }""");
        Tool.Result result = await Tool.RunAsync("info", _folder["gpt"]);
        result.FailedWith("cannot be used");
        Assert.Contains("GPT2LMHeadModel", result.Output, StringComparison.Ordinal);
        Assert.Contains("LlamaForCausalLM", result.Output, StringComparison.Ordinal);
    }

    private static string Answer(string template) => $$"""{"name": "bank", "templates": [{"task": "text classification", "name": "topic", "text": "{{template}}"}]}""";

    private void WriteSts() => _folder.Write("data/STS/STSBenchmark/sts-test.csv", string.Concat(new[]
    {
        "5.0\ta man plays a guitar\ta man is playing a guitar", "0.2\ta dog runs\tthe senate voted today", "4.2\tkids play outside\tchildren are playing outside",
        "1.0\ta woman cooks\ta plane lands", "3.0\ta cat sleeps on a bed\ta cat sits on a bed",
    }.Select(line => $"g\tf\t2017\t1\t{line}\n")));
}
