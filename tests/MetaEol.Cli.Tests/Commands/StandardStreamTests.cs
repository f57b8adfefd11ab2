using System.Diagnostics;
using MetaEol.Tests;

namespace MetaEol.Cli.Tests.Commands;

/// <summary>Streams that are closed, full, or read by nobody, and signals while the tool waits: it never aborts, and never hangs.</summary>
public sealed class StandardStreamTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("embed in.txt --out -")]
    [InlineData("embed - --out - < in.txt")]
    [InlineData("embed <(cat in.txt) --out -")]
    [InlineData("templates show metaeol")]
    [InlineData("--help")]
    public async Task Pipe_ThatNobodyReadsAnyMore_EndsItQuietlyWithTheConventionalStatus(string line)
    {
        // 100,000 lines take minutes: it must not embed them all.
        _folder.Write("in.txt", string.Concat(Enumerable.Range(0, 100_000).Select(i => $"Line {i}\n")));

        // A reader that takes one line, and one that takes none: short outputs fit the pipe's buffer before the first has gone.
        (int Status, string Output, string Error) result = await ShellAsync($"metaeol {line} | {(line.StartsWith("embed", StringComparison.Ordinal) ? "head -1" : "sleep 0")}; exit ${{PIPESTATUS[0]}}");
        Assert.Equal(141, result.Status);
        Assert.DoesNotContain("metaeol:", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("templates list 2>&-", 0)]
    [InlineData("embed short.txt --out - 2>&-", 0)]
    [InlineData("embed none.txt --out - 2>&-", 1)]
    [InlineData("embed none.txt --jsn 2>&-", 2)]
    [InlineData("2>&-", 0)]
    [InlineData("embed none.txt --out - 2>/dev/full", 1)]
    [InlineData("embed none.txt --out - 2> >(exec 0<&-; sleep 1)", 1)]
    public async Task Error_Closed_ChangesNothing(string line, int status) => Assert.Equal(status, (await ShellAsync($"metaeol {line}")).Status);

    [SkippableTheory]
    [InlineData("templates list >&-")]
    [InlineData("embed short.txt --out - >&-")]
    [InlineData(">&-")]
    public async Task Output_Closed_IsAnErrorOfOneLine(string line)
    {
        (int status, _, string error) = await ShellAsync($"metaeol {line}");
        Assert.Equal(1, status);
        Assert.Contains("metaeol: the standard output stream is closed", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task AllStreams_Closed_DoesItsWork()
    {
        Assert.Equal(0, (await ShellAsync($"metaeol embed short.txt --out all.npy <&- >&- 2>&-")).Status);
        Assert.Equal(2, Vectors.Npy(_folder["all.npy"]).Length);
        Assert.Equal(1, (await ShellAsync("metaeol templates list >&- 2>&-")).Status);
    }

    [SkippableFact]
    public async Task Input_Closed_IsAnErrorOfOneLine()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Only Linux tells a closed standard input from the file that took its number.");
        (int status, _, string error) = await ShellAsync("metaeol embed - --out - <&-");
        Assert.Equal(1, status);
        Assert.Contains("metaeol: the standard input stream is closed", error, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("templates list")]
    [InlineData("embed short.txt --out -")]
    public async Task Output_OnAFullDisk_IsAnErrorOfOneLine(string line)
    {
        Skip.IfNot(File.Exists("/dev/full"), "This system has no /dev/full.");
        (int status, _, string error) = await ShellAsync($"metaeol {line} > /dev/full");
        Assert.Equal(1, status);
        Assert.Contains("the standard output stream cannot be written: No space left on device", error, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("npy")]
    [InlineData("jsonl")]
    public async Task File_OnAFullDisk_KeepsWhatIsDoneAndGoesOnWhenThereIsRoom(string format)
    {
        string small = Directory.CreateDirectory(_folder["small"]).FullName;
        (int mounted, _, _) = await ShellAsync($"mount -t tmpfs -o size=200k none '{small}'");
        Skip.If(mounted != 0, "Only an administrator can mount a file system that is full soon.");
        try
        {
            _folder.Write("in.txt", string.Concat(Enumerable.Range(0, 400).Select(i => $"Line {i}\n")));
            string line = $"metaeol embed in.txt --out small/out.{format} --batch 8 --templates prompteol";
            (int status, _, string error) = await ShellAsync(line);
            Assert.Equal(1, status);
            Assert.Contains("No space left on device", error, StringComparison.Ordinal);
            Assert.Contains("the same command with --resume goes on from there", error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
            Assert.Equal(0, (await ShellAsync($"mount -o remount,size=20m '{small}'")).Status);
            Assert.Equal(0, (await ShellAsync($"{line} --resume && metaeol embed in.txt --out whole.{format} --batch 8 --templates prompteol")).Status);
            Assert.Equal(File.ReadAllBytes(_folder[$"whole.{format}"]), File.ReadAllBytes(Path.Combine(small, $"out.{format}")));
        }
        finally
        {
            await ShellAsync($"umount '{small}'");
        }
    }

    [SkippableTheory]
    [InlineData(60)]
    [InlineData(150)]
    [InlineData(400)]
    public async Task Search_OnAFullDisk_SaysSoAndGoesOnWhenThereIsRoom(int kilobytes)
    {
        string small = Directory.CreateDirectory(_folder["small"]).FullName;
        (int mounted, _, _) = await ShellAsync($"mount -t tmpfs -o size={kilobytes + 4}k none '{small}'");
        Skip.If(mounted != 0, "Only an administrator can mount a file system that is full soon.");
        try
        {
            _folder.Write("docs/music.txt", "The choir sings in the church on Sunday.");
            for (int i = 0; i < 100; i++)
            {
                _folder.Write($"docs/{i}.txt", $"Sentence number {i} is about trade.");
            }

            const string Line = "metaeol search docs 'Who sings in church?' --index small/index.db";
            (int status, _, string error) = await ShellAsync(Line);
            Assert.Equal(1, status);
            Assert.Contains("disk is full", error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
            Assert.Equal(0, (await ShellAsync($"mount -o remount,size=20m '{small}'")).Status);
            (int again, string output, string trouble) = await ShellAsync(Line);
            Assert.True(again == 0, trouble);
            Assert.Contains("music.txt", output, StringComparison.Ordinal);
        }
        finally
        {
            await ShellAsync($"umount '{small}'");
        }
    }

    [SkippableTheory]
    [InlineData("INT", "-")]
    [InlineData("TERM", "-")]
    [InlineData("INT", "out.npy")]
    [InlineData("TERM", "out.jsonl")]
    public async Task Signal_WhileItWaitsForStandardInput_EndsItAtOnce(string signal, string output)
    {
        Skip.If(OperatingSystem.IsWindows(), "Signals are Unix's.");
        if (signal == "INT")
        {
            Signals.SkipIfInterruptsAreIgnored();
        }

        string path = output == "-" ? output : _folder[output];

        // Where a machine is slow, the signal comes before the tool can take it, and ends it without a word.
        for (int wait = 1; ; wait *= 2)
        {
            (int exitCode, string data, string error) = await SignalAsync(path, signal, TimeSpan.FromSeconds(wait));
            Assert.Empty(data);
            Assert.Empty(Directory.GetFiles(_folder.Path, "out*"));
            if (error.Length == 0 && wait < 60)
            {
                continue;
            }

            // Ended by force, which would be ten seconds later, it could not say so.
            Assert.Equal(130, exitCode);
            Assert.EndsWith("Cancelled.", error.Trim(), StringComparison.Ordinal);
            break;
        }
    }

    private static async Task<(int ExitCode, string Output, string Error)> SignalAsync(string path, string signal, TimeSpan wait)
    {
        using Process process = Tool.Start(["embed", "-", "--out", path]);
        Task<string> data = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync("A first line.\n");
        await process.StandardInput.FlushAsync();
        await Task.Delay(wait);
        using (Process kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        using CancellationTokenSource patience = new(Patience.Hang);
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await data, await error);
    }

    [SkippableFact]
    public async Task Output_SharedWithOtherCommands_IsNotWrittenOver()
    {
        (int status, _, _) = await ShellAsync("(echo before; metaeol templates list --json; echo after) > shared.txt");
        Assert.Equal(0, status);
        string[] lines = File.ReadAllLines(_folder["shared.txt"]);
        Assert.Equal(("before", "after"), (lines[0], lines[^1]));
        Assert.Contains("metaeol", string.Concat(lines), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Streams_ByNumber_AreReadAndNotWritten()
    {
        (int status, string output, _) = await ShellAsync("metaeol embed <(cat short.txt) --out fd.npy; cat short.txt | metaeol embed /dev/stdin --out -");
        Assert.Equal((0, 2), (status, Vectors.Parse(output).Length));
        Assert.Equal(2, Vectors.Npy(_folder["fd.npy"]).Length);
        Assert.Contains("is no regular file", (await ShellAsync("metaeol embed short.txt --format npy --out >(cat)")).Error, StringComparison.Ordinal);
        Assert.Contains("is no regular file", (await ShellAsync("metaeol embed short.txt --format npy --out /dev/stdout | cat")).Error, StringComparison.Ordinal);
    }

    /// <summary>Runs a line in bash, in the test's folder, where <c>metaeol</c> is the tool.</summary>
    private async Task<(int Status, string Output, string Error)> ShellAsync(string line)
    {
        Skip.IfNot(File.Exists("/bin/bash"), "There is no bash here.");
        _folder.Write("short.txt", "One.\nTwo.\n");
        ProcessStartInfo start = new("/bin/bash")
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["METAEOL_MODEL"] = TestPaths.DemoModel },
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"metaeol() {{ dotnet exec '{Path.Combine(AppContext.BaseDirectory, "metaeol.dll")}' \"$@\"; }}; {line}");
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        using CancellationTokenSource patience = new(Patience.Hang);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{line} did not end.");
        }

        return (process.ExitCode, await output, await error);
    }
}
