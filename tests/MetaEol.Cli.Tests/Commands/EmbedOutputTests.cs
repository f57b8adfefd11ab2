using System.Diagnostics;
using System.Text.Json;
using MetaEol.Cli.Embedding;
using MetaEol.Tests;

namespace MetaEol.Cli.Tests.Commands;

/// <summary>What happens to an output that is there, is written by somebody else, or was left by a run that did not end.</summary>
public sealed class EmbedOutputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Existing_WithoutForce_IsKept()
    {
        string input = _folder.Write("in.txt", "a\n"), output = _folder.Write("out.jsonl", "mine");
        (await RunAsync("embed", input, "--out", output)).FailedWith("is there already and is kept; --force replaces it");
        Assert.Equal("mine", File.ReadAllText(output));
        Assert.Equal(["in.txt", "out.jsonl"], Files());
        (await RunAsync("embed", input, "--out", output, "--force")).Succeeded();
        Assert.Single(Vectors.Lines(output));
    }

    [Theory]
    [InlineData("in.jsonl")]
    [InlineData("link.jsonl")]
    [InlineData("folder/in.jsonl")]
    [InlineData("linked/in.jsonl")]
    public async Task Input_AsOutput_IsRefused(string name)
    {
        _folder.Write("folder/in.jsonl", "{\"text\":\"folder's\"}\n");
        string input = _folder.Write("in.jsonl", "{\"text\":\"a\"}\n");
        File.CreateSymbolicLink(_folder["link.jsonl"], "in.jsonl");
        Directory.CreateSymbolicLink(_folder["linked"], "folder");
        string read = name.Contains("folder", StringComparison.Ordinal) || name.Contains("linked", StringComparison.Ordinal) ? _folder["folder", "in.jsonl"] : input;
        (await RunAsync("embed", read, "--out", _folder[name.Split('/')], "--force")).FailedWith("is read, and would be written too");
        Assert.StartsWith("{\"text\":", File.ReadAllText(read), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Input_AsOneOfTheListsBesideTheOutput_IsRefused()
    {
        string input = _folder.Write("out.npy.rows.jsonl", "{\"text\":\"a\"}\n");
        (await RunAsync("embed", input, "--out", _folder["out.npy"], "--force")).FailedWith("is read, and would be written too");
        _folder.Write("docs/a.txt", "A text.");
        (await RunAsync("embed", _folder["docs"], "--out", _folder["docs", "out.txt"], "--format", "jsonl")).FailedWith("would be one of them at the next run");
        (await RunAsync("embed", _folder["docs"], "--out", _folder["docs", "a.txt"], "--format", "jsonl", "--force")).FailedWith("is read, and would be written too");
        (await RunAsync("embed", _folder["docs"], "--out", _folder["docs", "out.jsonl"])).Succeeded();
    }

    [SkippableFact]
    public async Task Output_ThatIsNoRegularFile_IsRefused()
    {
        Skip.If(OperatingSystem.IsWindows(), "Devices and pipes are Unix's.");
        string input = _folder.Write("in.txt", "a\n");
        using (Process mkfifo = Process.Start("mkfifo", [_folder["pipe.npy"]]))
        {
            await mkfifo.WaitForExitAsync();
        }

        Directory.CreateDirectory(_folder["folder.npy"]);
        File.CreateSymbolicLink(_folder["null.npy"], "/dev/null");
        (await RunAsync("embed", input, "--out", "/dev/null", "--format", "npy", "--force")).FailedWith("is no regular file but a device, pipe or socket");
        (await RunAsync("embed", input, "--out", _folder["null.npy"], "--force")).FailedWith("is no regular file");
        (await RunAsync("embed", input, "--out", _folder["pipe.npy"], "--force")).FailedWith("is no regular file");
        (await RunAsync("embed", input, "--out", _folder["folder.npy"], "--force")).FailedWith("is a folder");
        (await RunAsync("embed", input, "--out", _folder["in.txt", "out.npy"])).FailedWith("in.txt");
    }

    [Fact]
    public async Task Output_ThatIsALink_IsWrittenWhereItLeads()
    {
        string input = _folder.Write("in.txt", "a\n");
        Directory.CreateDirectory(_folder["there"]);
        File.CreateSymbolicLink(_folder["out.npy"], Path.Combine("there", "vectors.npy"));
        (await RunAsync("embed", input, "--out", _folder["out.npy"])).Succeeded();
        Assert.Single(Vectors.Npy(_folder["there", "vectors.npy"]));
        Assert.NotNull(new FileInfo(_folder["out.npy"]).LinkTarget);
    }

    [Theory]
    [InlineData("--force")]
    [InlineData("--resume")]
    [InlineData("--json")]
    public async Task Writer_SecondForTheSameOutput_IsRefusedAsLongAsTheFirstIsAtWork(string option)
    {
        string input = _folder.Write("in.txt", "a\nb\n");
        EmbedState state = new("g", "i", OutputFormat.Npy, 2) { Dimensions = Vectors.Dimensions };
        using (EmbedOutput first = EmbedOutput.Open(_folder["out.npy"], state, resume: false, force: false, hasRowList: false, out _)!)
        {
            (await RunAsync("embed", input, "--out", _folder["out.npy"], option)).FailedWith("is being written by another process");
            TextRecord record = new() { Index = 0, Source = "x", Position = 0, Text = "a" };
            first.Write([new EmbedItem(new EmbedRow(record, "a", null), null, new InputPlace(1, 0), 0)], [new float[Vectors.Dimensions]]);
            (await RunAsync("embed", input, "--out", _folder["out.npy"], option)).FailedWith("is being written by another process");
            first.Finish();
        }

        Assert.Single(Vectors.Npy(_folder["out.npy"]));
        (await RunAsync("embed", input, "--out", _folder["out.npy"], "--force")).Succeeded();
        Assert.Equal(2, Vectors.Npy(_folder["out.npy"]).Length);
    }

    [Fact]
    public async Task Input_ChangedWhileItIsRead_IsNotFinishedAsIfNothingWereWrong()
    {
        string input = _folder.Write("in.txt", "a\nb\n");
        InputOptions options = new(null, null, null, null);
        using TextSource source = await TextSource.OpenAsync(input, options, onlyOnce: false, default);
        source.ThrowIfChanged();
        await File.AppendAllTextAsync(input, "c\n");
        Assert.Contains("changed while it was read", Assert.Throws<ToolException>(source.ThrowIfChanged).Message, StringComparison.Ordinal);
        _folder.Write("docs/a.txt", "a");
        using TextSource folder = await TextSource.OpenAsync(_folder["docs"], options, onlyOnce: false, default);
        folder.ThrowIfChanged();
        _folder.Write("docs/b.txt", "b");
        Assert.Throws<ToolException>(folder.ThrowIfChanged);
    }

    [Fact]
    public async Task Resume_OfAPipe_IsRefused()
    {
        Tool.Result result = await Tool.RunWithAsync("a\n", null, "embed", "-", "--out", _folder["out.npy"], "--resume");
        result.FailedWith("What comes through a pipe cannot be resumed");
        Assert.Empty(Files());
        Tool.Result written = (await Tool.RunWithAsync("a\nb\n", null, "embed", "-", "--out", _folder["out.npy"])).Succeeded();
        Assert.Contains("2 texts", written.Error, StringComparison.Ordinal);
        Assert.Equal(2, Vectors.Npy(_folder["out.npy"]).Length);
    }

    [Fact]
    public async Task Resume_OfAFinishedOutput_TellsWhetherItIsTheSame()
    {
        string input = _folder.Write("in.txt", "a\nb\n"), other = _folder.Write("other.txt", "a\nb\n"), output = _folder["out.npy"];
        string[] line = ["embed", input, "--out", output, "--templates", "prompteol", "--resume"];
        (await InProcess.RunAsync(line)).Succeeded();
        byte[] before = File.ReadAllBytes(output);
        Assert.Contains("is complete already: 2 texts.", (await InProcess.RunAsync(line)).Succeeded().Error, StringComparison.Ordinal);

        // On what the vectors do not depend may change.
        Assert.Contains("complete already", (await InProcess.RunAsync([.. line, "--on-error", "skip", "--threads", "1"])).Succeeded().Error, StringComparison.Ordinal);
        (await InProcess.RunAsync("embed", input, "--out", output, "--templates", "metaeol", "--resume")).FailedWith("was made with other settings: model, templates, layer or options changed");
        (await InProcess.RunAsync([.. line, "--layer", "2"])).FailedWith("model, templates, layer or options changed");
        (await InProcess.RunAsync([.. line, "--batch", "3"])).FailedWith("the batch size (64 then) changed");
        (await InProcess.RunAsync("embed", other, "--out", output, "--templates", "prompteol", "--resume")).FailedWith("the input changed");
        await File.AppendAllTextAsync(input, "c\n");
        (await InProcess.RunAsync(line)).FailedWith("the input changed");
        Assert.Equal(before, File.ReadAllBytes(output));
    }

    [Fact]
    public async Task Resume_OfAForeignOutput_IsRefused()
    {
        string input = _folder.Write("in.txt", "a\nb\n"), output = _folder.Write("out.npy", "somebody else's");
        string[] line = ["embed", input, "--out", output, "--templates", "prompteol", "--resume"];
        (await InProcess.RunAsync(line)).FailedWith("tells what it was made from");
        Assert.Equal("somebody else's", File.ReadAllText(output));

        // Of the same size, and with the description of the one that it replaced.
        (await InProcess.RunAsync([.. line[..^1], "--force"])).Succeeded();
        byte[] bytes = File.ReadAllBytes(output);
        bytes[^1] ^= 1;
        File.WriteAllBytes(output, bytes);
        (await InProcess.RunAsync(line)).FailedWith("it was changed or replaced since");
        File.WriteAllBytes(output, bytes[..^4]);
        (await InProcess.RunAsync(line)).FailedWith("it was changed or replaced since");
        Assert.Equal(["in.txt", "out.npy", "out.npy.meta.json"], Files());
    }

    [Fact]
    public async Task Resume_OfARemainderWithoutState_IsRefusedAndKeepsIt()
    {
        string input = _folder.Write("in.txt", "a\nb\n"), partial = _folder.Write("out.npy.partial", "remainder");
        (await RunAsync("embed", input, "--out", _folder["out.npy"], "--resume")).FailedWith("tells what it was begun with; --force starts over");
        (await RunAsync("embed", input, "--out", _folder["out.npy"])).FailedWith("holds what an interrupted run has done");
        Assert.Equal("remainder", File.ReadAllText(partial));
        _folder.Write("out.npy.partial.json", "{ not JSON");
        (await RunAsync("embed", input, "--out", _folder["out.npy"], "--resume")).FailedWith("out.npy.partial.json' is damaged or was changed");
        (await RunAsync("embed", input, "--out", _folder["out.npy"], "--force")).Succeeded();
        Assert.Equal(["in.txt", "out.npy", "out.npy.meta.json"], Files());
    }

    [Theory]
    [InlineData("\"texts\": 4", "\"texts\": 3")]
    [InlineData("\"bytes\": ", "\"bytes\": 1")]
    [InlineData("\"generator\": \"", "\"generator\": \"0")]
    [InlineData("\"check\"", "\"checked\"")]
    public async Task Resume_WithAStateThatWasChanged_IsRefused(string part, string other)
    {
        string input = _folder.Write("in.txt", string.Concat(Enumerable.Range(0, 10).Select(i => $"Text {i}.\n"))), state = _folder["out.npy.partial.json"];
        string[] line = ["embed", input, "--out", _folder["out.npy"], "--batch", "2", "--templates", "prompteol"];
        await InterruptAsync(line, _folder["out.npy"], 4);
        string before = File.ReadAllText(state);
        string changed = before.Replace(part, other, StringComparison.Ordinal);
        Assert.NotEqual(before, changed);
        File.WriteAllText(state, changed);
        (await InProcess.RunAsync([.. line, "--resume"])).FailedWith("out.npy.partial.json' is damaged or was changed, so that nothing tells what it was begun with");

        // White space is not what it says.
        File.WriteAllText(state, before.Replace("\n", "\n \n", StringComparison.Ordinal));
        Assert.Contains("4 more were there", (await InProcess.RunAsync([.. line, "--resume"])).Succeeded().Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public async Task Resume_AfterACrashBetweenTheLastNames_FinishesThem(bool stateToo, bool listToo)
    {
        string input = _folder.Write("in.jsonl", "{\"text\":\"a\",\"id\":1}\n{\"text\":\"b\",\"id\":2}\n");
        string[] line = ["embed", input, "--out", _folder["out.npy"], "--templates", "prompteol"];
        (await InProcess.RunAsync(line)).Succeeded();
        byte[] vectors = File.ReadAllBytes(_folder["out.npy"]), rows = File.ReadAllBytes(_folder["out.npy.rows.jsonl"]);
        File.Move(_folder["out.npy"], _folder["out.npy.partial"]);
        if (stateToo)
        {
            File.Move(_folder["out.npy.meta.json"], _folder["out.npy.partial.json"]);
        }

        if (listToo)
        {
            File.Move(_folder["out.npy.rows.jsonl"], _folder["out.npy.rows.jsonl.partial"]);
        }

        (await InProcess.RunAsync(line)).FailedWith("holds what an interrupted run has done");
        Assert.Contains("complete already: 2 texts", (await InProcess.RunAsync([.. line, "--resume"])).Succeeded().Error, StringComparison.Ordinal);
        Assert.Equal(vectors, File.ReadAllBytes(_folder["out.npy"]));
        Assert.Equal(rows, File.ReadAllBytes(_folder["out.npy.rows.jsonl"]));
        Assert.Equal(["in.jsonl", "out.npy", "out.npy.meta.json", "out.npy.rows.jsonl"], Files());
    }

    [Theory]
    [InlineData("out.npy", "in.jsonl")]
    [InlineData("out.jsonl", "in.jsonl")]
    [InlineData("out.safetensors", "in.txt")]
    public async Task Killed_AgainAndAgainAtRandomMoments_GivesTheSameBytes(string name, string inputName)
    {
        // Some lines are too long, or none at all, so that rows and texts do not run in step.
        string tooLong = string.Concat(Enumerable.Repeat("word after word ", 200));
        string input = _folder.Write(inputName, string.Concat(Enumerable.Range(0, 400).Select(i =>
        {
            string text = i % 37 == 5 ? tooLong : $"Sentence number {i} is about {(i % 7 == 0 ? "music" : "trade")}.";
            return inputName == "in.txt" ? $"{text}\n" : i % 41 == 7 ? "{}\n" : $"{JsonSerializer.Serialize(new { id = $"id{i}", text })}\n";
        })));
        string[] options = ["embed", input, "--batch", "5", "--templates", "prompteol", "--on-error", inputName == "in.txt" ? "truncate" : "skip", "--out"];
        (await InProcess.RunAsync([.. options, _folder["whole", name]])).Succeeded();
        string[] expected = [.. Directory.GetFiles(_folder["whole"]).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];
        string partial = OutputPaths.Partial(_folder["cut", name]);
        Random random = new(name.Length);

        // How often a run can be killed depends on the machine, so whole runs are cut up until enough kills have hit.
        int kills = 0;
        for (int runs = 0; kills < 5; runs++)
        {
            Assert.True(runs < 50, $"{runs} runs were over before {kills + 1} kills hit one.");
            if (runs > 0)
            {
                Directory.Delete(_folder["cut"], recursive: true);
            }

            kills += await Task.Factory.StartNew(() => CutUp([.. options, _folder["cut", name], "--resume"], partial, random), TaskCreationOptions.LongRunning);
            Assert.Equal(expected, Directory.GetFiles(_folder["cut"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
            Assert.All(expected, file => Assert.Equal(File.ReadAllBytes(_folder["whole", file]), File.ReadAllBytes(_folder["cut", file])));
        }
    }

    /// <summary>
    /// Resumes a run until it is through, and kills it up to twelve times: anywhere between the first moment and the last, and somewhat behind where the vectors
    /// have come to. Blocks its thread, since a shared one would be late to kill while other tests hold the pool.
    /// </summary>
    /// <returns>How many kills hit.</returns>
    private static int CutUp(string[] line, string partial, Random random)
    {
        long Length() => new FileInfo(partial) is { Exists: true } there ? there.Length : 0;
        for (int kills = 0; ; kills++)
        {
            long before = Length(), more = random.Next(0, 100_000);
            using Process process = Tool.Start(line);
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            bool early = kills % 4 == 3;
            Thread.Sleep(early ? random.Next(0, 400) : 0);
            while (!process.HasExited && !early && (kills >= 12 || Length() < before + more))
            {
                Thread.Sleep(1);
            }

            Thread.Sleep(random.Next(0, 12));
            process.Kill();
            process.WaitForExit();
            Task.WaitAll(output, error);
            if (process.ExitCode == 0)
            {
                return kills;
            }

            Assert.True(process.ExitCode > 128, error.Result);
        }
    }

    [Fact]
    public async Task Resume_WithAnotherOnError_GoesOnWithIt()
    {
        string tooLong = string.Concat(Enumerable.Repeat("word after word ", 200));
        string input = _folder.Write("in.txt", string.Concat(Enumerable.Range(0, 60).Select(i => i is 3 or 50 ? $"{tooLong}\n" : $"Text {i}.\n")));
        string[] line = ["embed", input, "--out", _folder["out.npy"], "--batch", "4", "--templates", "prompteol"];
        await InterruptAsync([.. line, "--on-error", "truncate"], _folder["out.npy"], 12);

        // Until here every line had its row; from here on, one has none: the list tells it for all of them.
        (await InProcess.RunAsync([.. line, "--on-error", "skip", "--resume"])).Succeeded();
        Assert.Equal(59, Vectors.Npy(_folder["out.npy"]).Length);
        Assert.Equal([("cut", 3), ("skipped", 50)], Vectors.Lines(_folder["out.npy.problems.jsonl"]).Select(problem => (problem.GetProperty("action").GetString()!, problem.GetProperty("index").GetInt32())));
        Assert.Equal(Enumerable.Range(0, 60).Where(i => i != 50), Vectors.Lines(_folder["out.npy.rows.jsonl"]).Select(row => row.GetProperty("index").GetInt32()));
        Assert.Equal(Enumerable.Range(0, 59), Vectors.Lines(_folder["out.npy.rows.jsonl"]).Select(row => row.GetProperty("row").GetInt32()));

        // The other way round, a rest that has no such text needs no option at all.
        File.Delete(_folder["out.npy"]);
        await InterruptAsync([.. line, "--on-error", "truncate"], _folder["out.npy"], 52);
        (await InProcess.RunAsync([.. line, "--resume"])).Succeeded();
        Assert.Equal(60, Vectors.Npy(_folder["out.npy"]).Length);
    }

    [Fact]
    public async Task Resume_StoppedByAText_KeepsWhatIsDone()
    {
        string tooLong = string.Concat(Enumerable.Repeat("word after word ", 200));
        string input = _folder.Write("in.txt", string.Concat(Enumerable.Range(0, 40).Select(i => i == 30 ? $"{tooLong}\n" : $"Text {i}.\n")));
        string[] line = ["embed", input, "--out", _folder["out.npy"], "--batch", "4", "--templates", "prompteol"];
        await InterruptAsync([.. line, "--on-error", "skip"], _folder["out.npy"], 8);
        Tool.Result stopped = await InProcess.RunAsync([.. line, "--resume"]);
        stopped.FailedWith("in.txt, line 31 is too long");
        Assert.Contains("8 texts are in", stopped.Error, StringComparison.Ordinal);
        Assert.Contains("8 more were there", (await InProcess.RunAsync([.. line, "--resume", "--truncate"])).Succeeded().Error, StringComparison.Ordinal);
        Assert.Equal(40, Vectors.Npy(_folder["out.npy"]).Length);
    }

    /// <summary>Leaves what a run has done that was killed right behind a number of rows: what a whole run wrote, cut off there with its state of that moment.</summary>
    private static async Task InterruptAsync(string[] line, string output, int rows)
    {
        (await InProcess.RunAsync([.. line, "--force"])).Succeeded();
        OutputPaths paths = new(output);
        EmbedState state = EmbedState.Read(paths.Description)!;
        string[] problems = File.Exists(paths.ProblemList) ? [.. File.ReadAllLines(paths.ProblemList).Where(entry => JsonDocument.Parse(entry).RootElement.GetProperty("index").GetInt32() < rows)] : [];
        await File.WriteAllTextAsync(OutputPaths.Partial(paths.ProblemList), string.Concat(problems.Select(problem => $"{problem}\n")));
        string[] list = File.Exists(paths.RowList) ? File.ReadAllLines(paths.RowList)[..rows] : [];
        await File.WriteAllTextAsync(OutputPaths.Partial(paths.RowList), string.Concat(list.Select(row => $"{row}\n")));
        byte[] bytes = File.ReadAllBytes(output)[..(128 + (rows * Vectors.Dimensions * sizeof(float)))];
        await File.WriteAllBytesAsync(OutputPaths.Partial(output), bytes);
        (state with
        {
            Rows = rows,
            Texts = rows,
            Skipped = 0,
            Cut = problems.Length,
            Bytes = bytes.Length,
            Sample = null,
            ProblemListBytes = new FileInfo(OutputPaths.Partial(paths.ProblemList)).Length,
            RowListBytes = list.Length > 0 ? new FileInfo(OutputPaths.Partial(paths.RowList)).Length : null,
        }).Write(paths.State);
        foreach (string file in new[] { output, paths.Description, paths.ProblemList, paths.RowList })
        {
            File.Delete(file);
        }
    }

    private static Task<Tool.Result> RunAsync(params string[] arguments) => InProcess.RunAsync([.. arguments, "--templates", "prompteol"]);

    private string[] Files() => [.. Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];
}
