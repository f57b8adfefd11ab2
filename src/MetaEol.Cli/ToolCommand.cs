using System.CommandLine;
using MetaEol.Cli.Hub;
using MetaEol.Evaluation.SentEval;
using MetaEol.Llama;

namespace MetaEol.Cli;

/// <summary>A command with examples in its help, and one line instead of a stack trace where it fails.</summary>
internal class ToolCommand : Command
{
    public ToolCommand(string name, string description, params string[] examples)
        : base(name, description) => Examples = examples;

    public string[] Examples { get; }

    /// <summary>Sets what the command does; it fails by throwing.</summary>
    public void SetAction(Terminal terminal, Func<ParseResult, CancellationToken, Task> action) => SetAction(async (parse, cancellationToken) =>
    {
        try
        {
            await action(parse, cancellationToken).ConfigureAwait(false);
            await terminal.Data.FlushAsync(cancellationToken).ConfigureAwait(false);
            return ExitCode.Success;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            terminal.Notice("Cancelled.");
            return ExitCode.Cancelled;
        }
        catch (IOException) when (StandardOutputIsClosed(terminal))
        {
            // The reader of a pipe went away, as `head` does: nothing is wrong.
            return ExitCode.Success;
        }
        catch (Exception exception) when (parse.GetValue(MetaEolTool.Verbose) || !IsExpected(exception))
        {
            return Fail(terminal, exception.ToString());
        }
        catch (Exception exception)
        {
            return Fail(terminal, OneLine(exception));
        }
    });

    /// <summary>Whether an exception is about the user's input or machine, whose message then says all; else it is a defect, and the stack trace helps.</summary>
    private static bool IsExpected(Exception exception) => exception is ToolException or HubException or InvalidModelException or SentEvalFormatException or ArgumentException or FormatException
        or IOException or UnauthorizedAccessException or NotSupportedException or OutOfMemoryException or HttpRequestException or System.ClientModel.ClientResultException
        or Microsoft.Data.Sqlite.SqliteException;

    /// <summary>Tells what went wrong, below what the command had to show before.</summary>
    private static int Fail(Terminal terminal, string message)
    {
        terminal.Data.Flush();
        Console.Error.WriteLine($"metaeol: {message}");
        return ExitCode.Failure;
    }

    private static bool StandardOutputIsClosed(Terminal terminal)
    {
        try
        {
            terminal.Data.Flush();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static string OneLine(Exception exception)
    {
        string message = exception is ArgumentException { ParamName: { } name } ? exception.Message.Replace($" (Parameter '{name}')", string.Empty, StringComparison.Ordinal) : exception.Message;
        return string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }
}
