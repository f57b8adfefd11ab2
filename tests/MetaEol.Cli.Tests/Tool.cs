using System.Diagnostics;
using System.Text;
using MetaEol.Tests;

namespace MetaEol.Cli.Tests;

/// <summary>Runs the tool as a user does: as a process of its own.</summary>
internal static class Tool
{
    public static Task<Result> RunAsync(params string[] arguments) => RunWithAsync(null, null, arguments);

    public static async Task<Result> RunWithAsync(string? input, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        using Process process = Start(arguments, environment);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
        }

        process.StandardInput.Close();
        using CancellationTokenSource patience = new(Patience.Hang);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"metaeol {string.Join(' ', arguments)} did not end within {Patience.Hang}.");
        }

        return new Result(process.ExitCode, await output, await error);
    }

    public static Process Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        ProcessStartInfo start = new("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "metaeol.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // Nothing of the user's own settings may reach the tests.
        foreach (string name in new[] { "HF_ENDPOINT", "HF_TOKEN", "HF_HOME", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "OPENAI_BASE_URL", "OPENAI_API_KEY", "OPENAI_MODEL" })
        {
            start.Environment.Remove(name);
        }

        start.Environment["METAEOL_MODEL"] = TestPaths.DemoModel;
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    internal sealed record Result(int ExitCode, string Output, string Error)
    {
        public Result Succeeded()
        {
            Assert.True(ExitCode == 0, $"Exit code {ExitCode}: {Error}");
            return this;
        }

        /// <summary>Checks that it failed with one line that contains a text.</summary>
        public void FailedWith(string expected, int exitCode = 1)
        {
            Assert.Equal(exitCode, ExitCode);
            Assert.Contains(expected, Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
            Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => line.StartsWith("metaeol: ", StringComparison.Ordinal));
        }
    }
}
