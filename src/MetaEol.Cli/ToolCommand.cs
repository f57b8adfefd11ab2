using System.CommandLine;
using MetaEol.Cli.Display;
using MetaEol.Cli.Hub;
using MetaEol.Evaluation.Retrieval;
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
    public void SetAction(Terminal terminal, Func<ParseResult, CancellationToken, Task> action) => SetAction((parse, cancellationToken) =>
        RunAsync(terminal, () => action(parse, cancellationToken), parse.GetValue<bool>(MetaEolTool.VerboseName), cancellationToken));

    /// <summary>Does what needs no waiting, and tells how it ended.</summary>
    public static int Run(Terminal terminal, Action action) => RunAsync(
        terminal,
        () =>
        {
            action();
            return Task.CompletedTask;
        },
        verbose: false,
        CancellationToken.None).GetAwaiter().GetResult();

    private static async Task<int> RunAsync(Terminal terminal, Func<Task> action, bool verbose, CancellationToken cancellationToken)
    {
        try
        {
            await action().ConfigureAwait(false);
            await terminal.Data.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            return ExitCode.Success;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            terminal.Notice("Cancelled.");
            return ExitCode.Cancelled;
        }
        catch (ClosedPipeException)
        {
            return ExitCode.ClosedPipe;
        }
        catch (Exception exception) when (verbose || !IsExpected(exception))
        {
            terminal.FailWithTrace(exception);
            return ExitCode.Failure;
        }
        catch (Exception exception)
        {
            terminal.Fail(Message(exception));
            return ExitCode.Failure;
        }
    }

    /// <summary>Whether an exception is about the user's input or machine, whose message then says all; else it is a defect, and the stack trace helps.</summary>
    private static bool IsExpected(Exception exception) => exception is ToolException or HubException or InvalidModelException or SentEvalFormatException or RetrievalFormatException or ArgumentException or FormatException
        or IOException or UnauthorizedAccessException or NotSupportedException or OutOfMemoryException or HttpRequestException;

    private static string Message(Exception exception) =>
        exception is ArgumentException { ParamName: { } name } ? exception.Message.Replace($" (Parameter '{name}')", string.Empty, StringComparison.Ordinal) : exception.Message;
}
