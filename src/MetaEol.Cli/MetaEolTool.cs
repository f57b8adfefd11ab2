using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using MetaEol.Cli.Commands;

namespace MetaEol.Cli;

/// <summary>The command line: what is parsed, and by which command it is carried out.</summary>
internal static class MetaEolTool
{
    public static Option<bool> Verbose { get; } = new("--verbose") { Description = "On an error, show where it came from.", Recursive = true };

    public static async Task<int> RunAsync(string[] args, Terminal terminal)
    {
        RootCommand root = new("Text embeddings from any LLaMA-family model by MetaEOL: embed, search, explain, and choose layer and templates by measurement.")
        {
            EmbedCommand.Create(terminal),
            SearchCommand.Create(terminal),
            ExplainCommand.Create(terminal),
            EvalCommand.Create(terminal),
            SweepCommand.Create(terminal),
            TemplatesCommand.Create(terminal),
            PullCommand.Create(terminal),
            InfoCommand.Create(terminal),
        };
        root.Add(Verbose);
        HelpOption help = root.Options.OfType<HelpOption>().First();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);

        ParseResult parse = root.Parse(args);
        if (parse.Action is ParseErrorAction)
        {
            await Console.Error.WriteLineAsync($"metaeol: {string.Join(' ', parse.Errors.Select(error => error.Message))} See 'metaeol {Path(parse.CommandResult.Command)}--help'.").ConfigureAwait(false);
            return ExitCode.Usage;
        }

        // Time for the batch that is being written; then the process ends whatever happens.
        return await parse.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(10) }).ConfigureAwait(false);
    }

    private static string Path(Command command) => command is RootCommand ? string.Empty : $"{Path((Command)command.Parents.First())}{command.Name} ";

    private sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            int result = inner.Invoke(parseResult);
            TextWriter output = parseResult.InvocationConfiguration.Output;
            if (parseResult.CommandResult.Command is ToolCommand { Examples: { Length: > 0 } examples })
            {
                output.WriteLine("Examples:");
                foreach (string example in examples)
                {
                    output.WriteLine($"  {example}");
                }

                output.WriteLine();
            }

            output.WriteLine("Exit codes: 0 done; 1 failed, with one line on the standard error stream; 2 command line not understood; 130 cancelled.");
            return result;
        }
    }
}
