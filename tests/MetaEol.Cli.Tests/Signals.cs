namespace MetaEol.Cli.Tests;

/// <summary>What the test's own process does with signals, which its children inherit.</summary>
internal static class Signals
{
    /// <summary>Skips a test of SIGINT where it is ignored, as in a shell's background job; bit 1 of the ignored signals (Linux tells; elsewhere it is taken to be clear).</summary>
    public static void SkipIfInterruptsAreIgnored()
    {
        const string Field = "SigIgn:";
        string? ignored = OperatingSystem.IsLinux() ? File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal)) : null;
        Skip.If(
            ignored is not null && (Convert.ToUInt64(ignored[Field.Length..].Trim(), 16) & 2) != 0,
            "This process was started with SIGINT ignored, as a shell's background job is, and so are its children.");
    }
}
