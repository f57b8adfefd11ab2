using MetaEol.Samples.Quickstart;
using Spectre.Console;

IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
{
    // Colours are for a terminal: a file or a pipe gets the text alone.
    Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect,
});

// Where standard input or output is a file or a pipe, nobody is there to ask.
bool someoneIsThere = !Console.IsInputRedirected && !Console.IsOutputRedirected;
return await new QuickstartCommand(console, Console.Error, someoneIsThere ? Console.In : null).RunAsync(args);
