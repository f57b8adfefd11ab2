using System.CommandLine;
using System.CommandLine.Parsing;
using MetaEol.Llama;
using Microsoft.Extensions.Options;
using Spectre.Console;

namespace MetaEol.Samples.Quickstart;

/// <summary>The command line: its arguments, its errors and its exit codes.</summary>
internal sealed class QuickstartCommand
{
    private const int Failed = 1;
    private const int WrongUsage = 2;
    private const int Cancelled = 130;

    private readonly Argument<string[]> _questions = new("question")
    {
        Description = "Questions about the documents. Without one, examples are answered and then, in a terminal, your own.",
        Arity = ArgumentArity.ZeroOrMore,
        Validators = { RefuseUnknownOptions },
    };

    private readonly Option<string> _folder = new("--folder")
    {
        Description = "Folder with Markdown and text files (default: the documents of the quickstart).",
        HelpName = "path",
    };

    private readonly Option<string> _model = new("--model")
    {
        Description = "Hugging Face folder of a LLaMA-family model (default: the bundled demo model).",
        HelpName = "path",
    };

    private readonly Option<int> _top = new("--top")
    {
        Description = "Number of passages to show for each question, at least 1.",
        HelpName = "count",
        DefaultValueFactory = _ => 3,
    };

    private readonly IAnsiConsole _console;
    private readonly TextWriter _error;
    private readonly TextReader? _input;

    /// <summary>Creates the command.</summary>
    /// <param name="console">Receives answers and progress.</param>
    /// <param name="error">Receives one line where something is wrong.</param>
    /// <param name="input">Where a user types questions; null where nobody does.</param>
    public QuickstartCommand(IAnsiConsole console, TextWriter error, TextReader? input)
    {
        _console = console;
        _error = error;
        _input = input;
    }

    /// <summary>Runs the quickstart.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="cancellationToken">Ends the run, as Ctrl+C does.</param>
    /// <returns>The exit code: 0 success, 1 failure, 2 wrong arguments, 130 cancelled.</returns>
    public async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken = default)
    {
        RootCommand command = new("Answers questions with the best passages of a folder of documents.") { _questions, _folder, _model, _top };
        command.SetAction(AnswerAsync);

        // A question may begin with "@", which is not a response file here.
        ParseResult parsed = command.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            return Fail(WrongUsage, $"{parsed.Errors[0].Message} See --help.");
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }, cancellationToken);
    }

    private async Task<int> AnswerAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        QuickstartOptions options = new(
            parsed.GetValue(_questions) ?? [],
            parsed.GetValue(_folder) ?? QuickstartOptions.BundledDocuments,
            parsed.GetValue(_model) ?? QuickstartOptions.DemoModel,
            parsed.GetValue(_top));
        if (options.Top < 1)
        {
            return Fail(WrongUsage, $"--top {options.Top}: the number of passages must be at least 1.");
        }

        try
        {
            await new QuickstartApp(new QuickstartView(_console), _input).RunAsync(options, cancellationToken);
            return 0;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Fail(Cancelled, "Cancelled.");
        }
        catch (Exception exception) when (exception is InvalidModelException or OptionsValidationException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            return Fail(Failed, exception.Message);
        }
    }

    private static void RefuseUnknownOptions(ArgumentResult questions)
    {
        if (questions.Tokens.FirstOrDefault(token => token.Value.StartsWith("--", StringComparison.Ordinal)) is { } option)
        {
            questions.AddError($"There is no option '{option.Value}'.");
        }
    }

    private int Fail(int exitCode, string message)
    {
        _error.WriteLine(message.ReplaceLineEndings(" "));
        return exitCode;
    }
}
