using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace MetaEol.Cli.CommandLine;

/// <summary>Options whose values are checked while the command line is read: a wrong one is named, with what is accepted.</summary>
internal static class ToolOption
{
    /// <summary>Something that is asked for or not, and takes no value: what stands behind it is the next argument, even if it is <c>true</c>.</summary>
    public static Option<bool> Switch(string name, string description, bool recursive = false) => new(name) { Description = description, Arity = ArgumentArity.Zero, Recursive = recursive };

    /// <summary>A whole number within bounds.</summary>
    public static Option<int> Number(string name, string description, int least, int most, int value) => new(name)
    {
        Description = $"{description} {Bounds(least, most)}.",
        HelpName = "N",
        DefaultValueFactory = _ => value,
        CustomParser = result => ReadNumber(result, name, least, most),
    };

    /// <summary>A whole number within bounds, or none.</summary>
    public static Option<int?> OptionalNumber(string name, string description, int least, int most) => new(name)
    {
        Description = $"{description} {Bounds(least, most)}.",
        HelpName = "N",
        CustomParser = result => ReadNumber(result, name, least, most),
    };

    /// <summary>One of a few words.</summary>
    public static Option<T> Choice<T>(string name, string description, T value, params (string Word, T Value)[] choices)
        where T : struct => new(name)
        {
            Description = description,
            HelpName = string.Join('|', choices.Select(choice => choice.Word)),
            DefaultValueFactory = _ => value,
            CustomParser = result => ReadChoice(result, name, choices),
        };

    /// <summary>One of a few words, or none.</summary>
    public static Option<T?> OptionalChoice<T>(string name, string description, params (string Word, T Value)[] choices)
        where T : struct => new(name)
        {
            Description = description,
            HelpName = string.Join('|', choices.Select(choice => choice.Word)),
            CustomParser = result => ReadChoice(result, name, choices),
        };

    /// <summary>Any text but a blank one.</summary>
    public static Option<string?> Text(string name, string description, string helpName, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (string.IsNullOrWhiteSpace(text))
            {
                result.AddError($"{name} has an empty value; write {helpName} behind it, or leave it out.");
            }

            return text;
        },
    };

    private static string Bounds(int least, int most) => string.Create(CultureInfo.InvariantCulture, $"{least} to {most}");

    private static int ReadNumber(ArgumentResult result, string name, int least, int most)
    {
        string text = result.Tokens[0].Value;
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) || number < least || number > most)
        {
            result.AddError($"{name} is '{text}': write a whole number from {Bounds(least, most)}.");
        }

        return number;
    }

    private static T ReadChoice<T>(ArgumentResult result, string name, (string Word, T Value)[] choices)
    {
        string text = result.Tokens[0].Value;
        foreach ((string word, T value) in choices)
        {
            if (string.Equals(word, text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        string[] words = [.. choices.Select(choice => choice.Word)];
        result.AddError($"{name} is '{text}': write {string.Join(", ", words[..^1])} or {words[^1]}.");
        return default!;
    }
}
