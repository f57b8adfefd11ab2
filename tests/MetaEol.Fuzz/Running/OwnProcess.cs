using System.Diagnostics;

namespace MetaEol.Fuzz.Running;

/// <summary>Starts this program again, also where its tests run in another.</summary>
internal static class OwnProcess
{
    /// <summary>Starts it in the program's folder, with its output redirected. Paths among its arguments must be full.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="redirectInput">Whether its input is redirected, too.</param>
    /// <param name="environment">Variables of its environment, beside this process's own.</param>
    public static Process Start(IEnumerable<string> arguments, bool redirectInput, IReadOnlyDictionary<string, string>? environment = null)
    {
        // The runtime's own host: it need not be on the path.
        string host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path
            : Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet" ? Environment.ProcessPath!
            : "dotnet";

        // This process's own directory may be a target's, which changes it and removes it.
        var start = new ProcessStartInfo(host) { RedirectStandardInput = redirectInput, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = AppContext.BaseDirectory };
        foreach (string argument in arguments.Prepend(typeof(OwnProcess).Assembly.Location))
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"'{host}' did not start.");
    }
}
