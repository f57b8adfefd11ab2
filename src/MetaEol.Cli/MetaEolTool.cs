using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using MetaEol.Cli.CommandLine;
using MetaEol.Cli.Commands;
using MetaEol.Cli.Display;
using Spectre.Console;

namespace MetaEol.Cli;

/// <summary>The command line: what is parsed, and by which command it is carried out.</summary>
internal static class MetaEolTool
{
    public const string VerboseName = "--verbose";

    public static async Task<int> RunAsync(string[] args, Terminal terminal)
    {
        ParseResult parse = Parse(args, terminal);
        if (FindError(parse, args) is { } error)
        {
            terminal.Fail($"{error} See '{ParseCheck.Path(parse.CommandResult.Command)} --help'.");
            return ExitCode.Usage;
        }

        // Time for the batch that is being written; then the process ends whatever happens. A server sees to its end itself.
        return await parse.InvokeAsync(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = parse.CommandResult.Command.Name == ServeCommand.Name ? null : TimeSpan.FromSeconds(10),
            Output = terminal.Data,
            Error = terminal.ErrorText,
        }).ConfigureAwait(false);
    }

    /// <summary>Reads a command line, without carrying it out.</summary>
    public static ParseResult Parse(string[] args, Terminal terminal)
    {
        RootCommand root = new("Text embeddings from any LLaMA-family model by MetaEOL: embed, search, explain, and choose layer and templates by measurement.")
        {
            EmbedCommand.Create(terminal),
            SearchCommand.Create(terminal),
            SimilarCommand.Create(terminal),
            ExplainCommand.Create(terminal),
            EvalCommand.Create(terminal),
            SweepCommand.Create(terminal),
            TuneCommand.Create(terminal),
            TemplatesCommand.Create(terminal),
            FilterCommand.Create(terminal),
            PullCommand.Create(terminal),
            QuantizeCommand.Create(terminal),
            InfoCommand.Create(terminal),
            ServeCommand.Create(terminal),
        };
        root.Add(ToolOption.Switch(VerboseName, "On an error, show where it came from.", recursive: true));
        HelpOption help = root.Options.OfType<HelpOption>().First();
        HelpWithExamples action = new((HelpAction)help.Action!, terminal);
        help.Action = action;

        // Without anything to do, a command that only groups others shows which there are.
        root.Action = action;
        foreach (Command group in root.Subcommands.Where(command => command.Subcommands.Count > 0))
        {
            group.Action = action;
        }

        // A text may begin with @: no argument is the name of a file with more arguments.
        return root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
    }

    /// <summary>What is wrong with a command line, or null.</summary>
    public static string? FindError(ParseResult parse, string[] args) =>
        parse.Action is HelpWithExamples && parse.UnmatchedTokens.Count == 0 ? null : ParseCheck.FindError(parse, args);

    private sealed class HelpWithExamples(HelpAction inner, Terminal terminal) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult) => ToolCommand.Run(terminal, () =>
        {
            inner.Invoke(parseResult);
            TextWriter output = parseResult.InvocationConfiguration.Output;
            if (parseResult.CommandResult.Command is ToolCommand { Examples: { Length: > 0 } examples })
            {
                output.WriteLine("Examples:");
                foreach (string example in examples)
                {
                    // As a shell reads it, if it is too long for a line.
                    IEnumerable<string> lines = Cell.Of(example).Lines(Math.Max(20, terminal.Width - 6)).Select(line => Markup.Remove(line.Markup));
                    output.WriteLine($"  {string.Join(" \\\n    ", lines)}");
                }

                output.WriteLine();
            }

            output.WriteLine("Exit codes: 0 done; 1 failed, with one line on the standard error stream; 2 command line not understood;");
            output.WriteLine("130 cancelled; 141 nobody reads the output any more.");
        });
    }
}
