using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using MetaEol.Cli.Files;

namespace MetaEol.Cli.Serving;

/// <summary>
/// Starts this program again on the shared framework of ASP.NET Core, which the server needs and no other command: a second runtime configuration lies beside the tool's own.
/// </summary>
internal static class WebRuntime
{
    private const string Framework = "Microsoft.AspNetCore.App", Tool = "metaeol", Major = "10.";

    /// <summary>Whether this process has the framework.</summary>
    public static bool IsPresent => Type.GetType("Microsoft.AspNetCore.Http.HttpContext, Microsoft.AspNetCore.Http.Abstractions") is not null;

    /// <summary>Runs this process's command line with the framework: in its place where the system can, else as a child. Returns in the latter case alone, with the exit code.</summary>
    /// <exception cref="ToolException">The framework is not installed, or cannot be started.</exception>
    public static int RunAgain()
    {
        string runtime = RuntimeEnvironment.GetRuntimeDirectory();
        string root = Path.GetFullPath(Path.Combine(runtime, "..", "..", ".."));
        string installed = Path.Combine(root, "shared", Framework);
        if (!Directory.Exists(installed) || !Directory.EnumerateDirectories(installed, $"{Major}*").Any())
        {
            throw new ToolException($"serve needs the ASP.NET Core runtime {Major}0, and there is none in '{installed}': install it (package aspnetcore-runtime-10.0, or https://dot.net); all other commands work without.");
        }

        string host = Path.Combine(root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        string folder = AppContext.BaseDirectory;
        string[] arguments =
        [
            "exec", "--runtimeconfig", Path.Combine(folder, Tool + ".serve.runtimeconfig.json"), "--depsfile", Path.Combine(folder, Tool + ".deps.json"), Path.Combine(folder, Tool + ".dll"),
            .. Environment.GetCommandLineArgs().Skip(1),
        ];
        return OperatingSystem.IsWindows() ? RunChild(host, arguments) : Replace(host, arguments);
    }

    // The same process goes on, so that signals, its id and its parent are as whoever started it knows them.
    private static int Replace(string host, string[] arguments)
    {
        _ = LibC.Execute(host, [host, .. arguments, null]);
        throw new ToolException($"'{host}' cannot be started: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.");
    }

    private static int RunChild(string host, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(host, arguments) { UseShellExecute = false }) ?? throw new ToolException($"'{host}' cannot be started.");

        // Both get Ctrl+C from the console; this one waits for the other.
        Console.CancelKeyPress += (_, pressed) => pressed.Cancel = true;
        process.WaitForExit();
        return process.ExitCode;
    }
}
