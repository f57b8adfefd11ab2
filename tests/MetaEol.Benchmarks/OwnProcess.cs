using System.Diagnostics;

namespace MetaEol.Benchmarks;

/// <summary>Starts this program again.</summary>
public static class OwnProcess
{
    /// <summary>Starts it with arguments, its output redirected.</summary>
    public static Process Start(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(start.FileName).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
        {
            start.ArgumentList.Add(typeof(OwnProcess).Assembly.Location);
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"'{start.FileName}' did not start.");
    }
}
