namespace MetaEol.Cli.Display;

/// <summary>The process's three standard streams, any of which whoever started it may have closed.</summary>
internal static class StandardStreams
{
    private const int Input = 0, Output = 1, Error = 2;
    private const string Descriptors = "/proc/self/fd";

    /// <exception cref="ToolException">It is closed.</exception>
    public static Stream OpenInput() => WasClosed(Input) ? throw new ToolException("the standard input stream is closed, so that nothing can be read from it.") : Console.OpenStandardInput();

    /// <summary>Tells by an exception at the first write if it is closed or nobody reads it any more.</summary>
    public static Stream OpenOutput() => OperatingSystem.IsWindows() ? Console.OpenStandardOutput() : new DescriptorStream(WasClosed(Output) ? -1 : Output, "standard output");

    /// <summary>Never throws: what cannot be written is dropped.</summary>
    public static Stream OpenError() => new ForgivingStream(
        OperatingSystem.IsWindows() ? Console.OpenStandardError() : new DescriptorStream(WasClosed(Error) ? -1 : Error, "standard error"));

    /// <summary>
    /// Whether a stream was closed when the process began. The next file that the runtime opens then has its number, and that is a pipe of its own: both ends are
    /// in this process, which is never so for a stream that somebody else passed on. (Linux tells; elsewhere an error at the first use does.)
    /// </summary>
    private static bool WasClosed(int descriptor)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        try
        {
            // The target is no file's name ("pipe:[123]"), so it is compared and not followed.
            string? target = new FileInfo($"{Descriptors}/{descriptor}").LinkTarget;
            return target is null || (target.StartsWith("pipe:", StringComparison.Ordinal)
                && Directory.EnumerateFiles(Descriptors).Any(other => new FileInfo(other).LinkTarget == target && AccessMode(Path.GetFileName(other)) != AccessMode($"{descriptor}")));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Whether a descriptor is open to read (0), to write (1), or both (2).</summary>
    private static int AccessMode(string descriptor)
    {
        const string Field = "flags:";
        string flags = File.ReadLines($"/proc/self/fdinfo/{descriptor}").First(line => line.StartsWith(Field, StringComparison.Ordinal));
        return Convert.ToInt32(flags[Field.Length..].Trim(), 8) & 3;
    }
}
