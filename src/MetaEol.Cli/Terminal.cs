using System.Text;
using Spectre.Console;

namespace MetaEol.Cli;

/// <summary>The tool's streams: results go to the standard output, all else to the standard error stream, so that output can be piped.</summary>
internal sealed class Terminal
{
    private const int PipeWidth = 120;

    public Terminal()
    {
        UTF8Encoding utf8 = new(encoderShouldEmitUTF8Identifier: false);
        Console.OutputEncoding = utf8;
        Data = new StreamWriter(Console.OpenStandardOutput(), utf8) { AutoFlush = false };
        Out = Create(Data, Console.IsOutputRedirected);
        Error = Create(Console.Error, Console.IsErrorRedirected);
    }

    /// <summary>Standard output as it is, for data.</summary>
    public TextWriter Data { get; }

    /// <summary>Standard output for tables.</summary>
    public IAnsiConsole Out { get; }

    /// <summary>Standard error, for progress and notices.</summary>
    public IAnsiConsole Error { get; }

    public void Notice(string text) => Error.MarkupLineInterpolated($"[grey]{text}[/]");

    public void Warn(string text) => Error.MarkupLineInterpolated($"[yellow]warning:[/] {text}");

    /// <summary>Writes a table with its title above it, where it is not broken to the table's width.</summary>
    public void Write(string title, Table table)
    {
        Out.MarkupLineInterpolated($"[bold]{title}[/]");
        Out.Write(table.Border(TableBorder.Rounded));
    }

    /// <summary>Runs work with a progress bar, rate and time left; without one where the standard error stream is not a terminal.</summary>
    public async Task<T> WithProgressAsync<T>(string unit, Func<ProgressReport, Task<T>> work)
    {
        if (!Error.Profile.Out.IsTerminal)
        {
            return await work(new ProgressReport(null)).ConfigureAwait(false);
        }

        return await Error.Progress()
            .AutoClear(true)
            .Columns(new SpinnerColumn(), new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RateColumn(unit), new RemainingTimeColumn())
            .StartAsync(context => work(new ProgressReport(context)))
            .ConfigureAwait(false);
    }

    private static IAnsiConsole Create(TextWriter writer, bool redirected)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
            Out = new TerminalOutput(writer, redirected),
        });
        if (redirected)
        {
            console.Profile.Width = PipeWidth;
            console.Profile.Capabilities.Unicode = true;
        }

        return console;
    }

    private sealed class TerminalOutput(TextWriter writer, bool redirected) : IAnsiConsoleOutput
    {
        private readonly AnsiConsoleOutput _inner = new(writer);

        public TextWriter Writer => writer;

        public bool IsTerminal => !redirected;

        public int Width => redirected ? PipeWidth : _inner.Width;

        public int Height => redirected ? 40 : _inner.Height;

        public void SetEncoding(Encoding encoding)
        {
        }
    }
}
