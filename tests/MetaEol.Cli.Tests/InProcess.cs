using System.Text;
using MetaEol.Tests;

namespace MetaEol.Cli.Tests;

/// <summary>Runs the tool inside the test's process, where neither standard input nor environment nor signals matter: a tenth of the time of a process of its own.</summary>
internal static class InProcess
{
    // Nothing of the user's own may be read or written; the folder is the system's to clear.
    static InProcess() => Environment.SetEnvironmentVariable("METAEOL_CACHE", Path.Combine(Path.GetTempPath(), $"metaeol-tests-{Environment.ProcessId}"));

    public static Task<Tool.Result> RunAsync(params string[] arguments) => RunAsync(null, arguments);

    /// <param name="width">Columns of the terminal that is played; null plays none.</param>
    /// <param name="arguments">The command line.</param>
    public static async Task<Tool.Result> RunAsync(int? width, params string[] arguments)
    {
        using MemoryStream output = new(), error = new();
        Terminal terminal = new(output, error, width ?? Unlimited, Unlimited);
        string[] withModel = NeedsModel(arguments) ? [.. arguments, "--model", TestPaths.DemoModel] : arguments;
        int exitCode = await MetaEolTool.RunAsync(withModel, terminal);
        return new Tool.Result(exitCode, Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(error.ToArray()));
    }

    private const int Unlimited = 1_000_000;

    private static bool NeedsModel(string[] arguments) => arguments is ["embed" or "explain" or "eval" or "sweep", _, ..] && !arguments.Contains("--model") && !arguments.Contains("--") && !arguments.Contains("--help");
}
