namespace MetaEol.Cli;

/// <summary>What the tool returns to the shell.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>The command could not be carried out; one line on the standard error stream says why.</summary>
    public const int Failure = 1;

    /// <summary>The command line is not understood.</summary>
    public const int Usage = 2;

    /// <summary>Ctrl+C or a request to terminate, as shells count it (128 + SIGINT).</summary>
    public const int Cancelled = 130;

    /// <summary>The reader of the standard output has gone, as after <c>| head -1</c>: what a shell reports of a program that ends by SIGPIPE (128 + 13).</summary>
    public const int ClosedPipe = 141;
}
