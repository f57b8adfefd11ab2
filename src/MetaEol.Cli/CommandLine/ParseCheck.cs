using System.CommandLine;

namespace MetaEol.Cli.CommandLine;

/// <summary>Says in one line what is wrong with a command line, and what was probably meant.</summary>
internal static class ParseCheck
{
    /// <summary>What is wrong, or null. A misspelt option is found here: for the parser it would be one more argument, or another option's value.</summary>
    public static string? FindError(ParseResult parse, IReadOnlyList<string> arguments)
    {
        Command command = parse.CommandResult.Command;
        if (FindMistypedOption(command, arguments) is { } mistyped)
        {
            return mistyped;
        }

        if (parse.UnmatchedTokens.Count > 0)
        {
            string typed = parse.UnmatchedTokens[0];
            if (command.Subcommands.Count == 0)
            {
                return $"'{typed}' is one argument more than '{Path(command)}' takes; put quotes around a text of several words.";
            }

            string[] names = [.. command.Subcommands.Select(subcommand => subcommand.Name)];
            return $"'{typed}' is not a command{(command is RootCommand ? string.Empty : $" of '{Path(command)}'")}{DidYouMean(Suggestion.For(typed, names))} There are {string.Join(", ", names)}.";
        }

        return parse.Errors.Count == 0 ? null : string.Join(' ', parse.Errors.Select(error => Sentence(error.Message)).Distinct());
    }

    /// <summary>A command with those above it, as it is typed.</summary>
    public static string Path(Command command) => command is RootCommand ? "metaeol" : $"{Path((Command)command.Parents.First())} {command.Name}";

    private static string? FindMistypedOption(Command command, IReadOnlyList<string> arguments)
    {
        Dictionary<string, Option> known = new(StringComparer.Ordinal);
        foreach (Option option in Options(command))
        {
            foreach (string alias in option.Aliases.Append(option.Name))
            {
                known.TryAdd(alias, option);
            }
        }

        foreach (string argument in arguments.TakeWhile(argument => argument != "--"))
        {
            // A lone - is the standard stream, -1 a number, and what has spaces in it a text.
            int end = argument.AsSpan().IndexOfAny('=', ':');
            string name = end < 0 ? argument : argument[..end];
            if (known.TryGetValue(name, out Option? option))
            {
                if (end >= 0 && option.Arity.MaximumNumberOfValues == 0)
                {
                    return $"{name} takes no value, so '{argument[end..]}' cannot stand behind it.";
                }
            }
            else if (name.Length > 1 && name[0] == '-' && (name[1] == '-' || char.IsAsciiLetter(name[1])) && !name.Any(char.IsWhiteSpace))
            {
                return $"'{name}' is not an option of '{Path(command)}'{DidYouMean(Suggestion.For(name, known.Keys))} What begins with - and is not an option goes behind --.";
            }
        }

        return null;
    }

    private static IEnumerable<Option> Options(Command command)
    {
        IEnumerable<Option> own = command.Options;
        for (Command? above = command; above is not RootCommand && above.Parents.OfType<Command>().FirstOrDefault() is { } parent; above = parent)
        {
            own = own.Concat(parent.Options.Where(option => option.Recursive));
        }

        return own;
    }

    private static string DidYouMean(string? word) => word is null ? "." : $"; did you mean {word}?";

    private static string Sentence(string message) => message.EndsWith('.') || message.EndsWith('?') ? message : $"{message}.";
}
