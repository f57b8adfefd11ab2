using System.Text;
using MetaEol.Cli;
using MetaEol.Fuzz.Running;

namespace MetaEol.Fuzz.Targets;

/// <summary>Runs the tool in this process.</summary>
internal static class InProcessTool
{
    private const int Unlimited = 1_000_000;

    /// <summary>Runs a command line; a stack trace in place of a sentence is a finding.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(params string[] arguments)
    {
        using MemoryStream output = new(), error = new();
        int exitCode = MetaEolTool.RunAsync(arguments, new Terminal(output, error, Unlimited, Unlimited)).GetAwaiter().GetResult();
        string errors = Encoding.UTF8.GetString(error.ToArray());
        int trace = errors.IndexOf("   at MetaEol.", StringComparison.Ordinal);
        DifferenceException.Unless(trace < 0, trace < 0 ? "" : $"The tool shows a stack trace: {errors[..Math.Min(errors.Length, 2000)]}");
        DifferenceException.Unless(exitCode is ExitCode.Success or ExitCode.Failure or ExitCode.Usage, $"The tool ends with {exitCode}.");
        DifferenceException.Unless(exitCode == ExitCode.Success || errors.Length > 0, "The tool fails without a word.");
        return exitCode;
    }
}
