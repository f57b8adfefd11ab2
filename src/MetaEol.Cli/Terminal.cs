using System.Text;
using MetaEol.Cli.Display;
using Spectre.Console;

namespace MetaEol.Cli;

/// <summary>
/// The tool's streams: results go to the standard output, all else to the standard error stream, so that output can be piped. Whatever is printed passes
/// <see cref="Printable"/> here, wherever it came from.
/// </summary>
internal sealed class Terminal
{
    /// <summary>Where there is no terminal, lines are as long as what they say: programs read them, or another terminal wraps them.</summary>
    private const int Unlimited = 1_000_000;

    private const int LongestTrace = 50_000;

    private readonly TimeProvider _time;

    public Terminal()
        : this(StandardStreams.OpenOutput(), StandardStreams.OpenError(), Console.IsOutputRedirected ? Unlimited : null, Console.IsErrorRedirected ? Unlimited : null)
    {
        if (OperatingSystem.IsWindows())
        {
            Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        }
    }

    /// <param name="output">Takes the results.</param>
    /// <param name="error">Takes all else.</param>
    /// <param name="outputWidth">Columns of the standard output's terminal; null asks the terminal.</param>
    /// <param name="errorWidth">The same of the standard error stream.</param>
    /// <param name="time">Tells when to print a line of progress.</param>
    internal Terminal(Stream output, Stream error, int? outputWidth, int? errorWidth, TimeProvider? time = null)
    {
        UTF8Encoding utf8 = new(encoderShouldEmitUTF8Identifier: false);
        _time = time ?? TimeProvider.System;
        Output = output;
        Data = new StreamWriter(output, utf8) { AutoFlush = false };
        ErrorText = new StreamWriter(error, utf8) { AutoFlush = true };
        Out = Create(Data, outputWidth);
        Error = Create(ErrorText, errorWidth);
    }

    /// <summary>Standard output as bytes.</summary>
    public Stream Output { get; }

    /// <summary>Standard output as it is, for data whose writer sees to it that they are safe, such as JSON.</summary>
    public TextWriter Data { get; }

    /// <summary>Standard error as it is; never fails.</summary>
    public TextWriter ErrorText { get; }

    /// <summary>Standard output for tables.</summary>
    public IAnsiConsole Out { get; }

    /// <summary>Standard error, for progress and notices.</summary>
    public IAnsiConsole Error { get; }

    /// <summary>Columns that results may take.</summary>
    public int Width => Out.Profile.Width;

    public void Notice(string text) => Error.MarkupLineInterpolated($"[grey]{Printable.Line(text)}[/]");

    public void Warn(string text) => Error.MarkupLineInterpolated($"[yellow]warning:[/] {Printable.Line(text)}");

    /// <summary>Tells in one line what went wrong, below what the command had to show before.</summary>
    public void Fail(string message) => WriteFailure(Printable.Line(message));

    /// <summary>Tells what went wrong and where.</summary>
    public void FailWithTrace(Exception exception) => WriteFailure(Printable.Text(exception.ToString(), LongestTrace));

    /// <summary>Writes text to the standard output, line breaks kept.</summary>
    public void WriteLine(string text) => Data.WriteLine(Printable.Text(text));

    /// <summary>Writes a line to the standard output that begins with a word in colour.</summary>
    public void WriteLine(string style, string word, string text) => Out.MarkupLine($"[{style}]{Markup.Escape(word)}[/]{Markup.Escape(Printable.Line(text))}");

    /// <summary>Writes a table with its title above it, where it is not broken to the table's width.</summary>
    public void Write(string title, Table table)
    {
        Out.MarkupLineInterpolated($"[bold]{Printable.Line(title)}[/]");
        Out.Write(table.Border(TableBorder.Rounded));
    }

    /// <summary>Runs work with a progress bar, rate and time left; with a line now and then where the standard error stream is not a terminal.</summary>
    public async Task<T> WithProgressAsync<T>(string unit, Func<ProgressReport, Task<T>> work)
    {
        if (!Error.Profile.Out.IsTerminal)
        {
            return await work(new ProgressReport(new ProgressLines(ErrorText, unit, _time))).ConfigureAwait(false);
        }

        return await Error.Progress()
            .AutoClear(true)
            .Columns(new SpinnerColumn(), new TaskDescriptionColumn(), new ProgressBarColumn { Width = Error.Profile.Width < 80 ? 12 : 30 }, new PercentageColumn(), new SpeedColumn(unit))
            .StartAsync(context => work(new ProgressReport(context, _time)))
            .ConfigureAwait(false);
    }

    private void WriteFailure(string text)
    {
        try
        {
            Data.Flush();
        }
        catch (IOException)
        {
            // What went wrong is to be told all the same.
        }

        ErrorText.WriteLine($"metaeol: {text}");
    }

    private static IAnsiConsole Create(TextWriter writer, int? width)
    {
        bool redirected = width is not null;
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
            Out = new TerminalOutput(writer, width),
        });
        if (redirected)
        {
            console.Profile.Width = width!.Value;
            console.Profile.Capabilities.Unicode = true;
        }

        console.Pipeline.Attach(new PrintableHook());
        return console;
    }

    private sealed class TerminalOutput(TextWriter writer, int? width) : IAnsiConsoleOutput
    {
        private readonly AnsiConsoleOutput _inner = new(writer);

        public TextWriter Writer => writer;

        public bool IsTerminal => width is null;

        public int Width => width ?? _inner.Width;

        public int Height => width is null ? _inner.Height : 40;

        public void SetEncoding(Encoding encoding)
        {
        }
    }
}
