using System.CommandLine;
using MetaEol.Cli.CommandLine;
using MetaEol.Retrieval;
using MetaEol.Retrieval.Documents;

namespace MetaEol.Cli.Searching;

/// <summary>The options that say which files of a folder are searched. An index remembers them, so that a search without them does not take files out of it.</summary>
internal sealed class FileSelection
{
    private const char Separator = '\n';
    private const string All = "all";

    private readonly Option<string[]> _include = Patterns("--include", "Read only files that match, as in a .gitignore file.");
    private readonly Option<string[]> _exclude = Patterns("--exclude", "Leave out what matches, as in a .gitignore file.");

    private readonly Option<string?> _extensions = ToolOption.Text(
        "--extensions", $"Endings of the files to read. Default: {string.Join(',', DocumentFolderOptions.DefaultExtensions.Select(ending => ending.TrimStart('.')))}.", "LIST");

    private readonly Option<bool> _noIgnore = ToolOption.Switch("--no-ignore", "Read what .gitignore files leave out, and hidden files, too.");

    public FileSelection(Command command)
    {
        command.Add(_include);
        command.Add(_exclude);
        command.Add(_extensions);
        command.Add(_noIgnore);
    }

    /// <summary>What the command line says; where it says nothing, what the index remembers, which a notice tells.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="remembered">What the index remembers; null where it is made, or made anew.</param>
    /// <param name="terminal">Receives the notice.</param>
    public DocumentFolderOptions Choose(ParseResult parse, IReadOnlyDictionary<string, string>? remembered, Terminal terminal)
    {
        string[] extensions = parse.GetValue(_extensions)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        string[] include = parse.GetValue(_include) ?? [], exclude = parse.GetValue(_exclude) ?? [];
        bool noIgnore = parse.GetValue(_noIgnore);
        if (remembered is not null && extensions.Length + include.Length + exclude.Length == 0 && !noIgnore)
        {
            extensions = Read(remembered, _extensions.Name);
            include = Read(remembered, _include.Name);
            exclude = Read(remembered, _exclude.Name);
            noIgnore = remembered.ContainsKey(_noIgnore.Name);
            string[] told =
            [
                .. include.Select(pattern => $"{_include.Name} {pattern}"),
                .. exclude.Select(pattern => $"{_exclude.Name} {pattern}"),
                .. extensions.Length > 0 ? [$"{_extensions.Name} {string.Join(',', extensions)}"] : Array.Empty<string>(),
                .. noIgnore ? [_noIgnore.Name] : Array.Empty<string>(),
            ];
            if (told.Length > 0)
            {
                terminal.Notice($"As at the last search: {string.Join(' ', told)}.");
            }
        }

        return new DocumentFolderOptions
        {
            Include = include,
            Exclude = exclude,
            Extensions = extensions.Length > 0 ? extensions : DocumentFolderOptions.DefaultExtensions,
            UseIgnoreFiles = !noIgnore,
        };
    }

    /// <summary>Notes the choice in the options of an index.</summary>
    public void Note(DocumentFolderOptions choice, SearchIndexOptions options)
    {
        Write(options, _include.Name, choice.Include);
        Write(options, _exclude.Name, choice.Exclude);
        Write(options, _extensions.Name, choice.Extensions == DocumentFolderOptions.DefaultExtensions ? [] : choice.Extensions);
        Write(options, _noIgnore.Name, choice.UseIgnoreFiles ? [] : [All]);
    }

    private static string[] Read(IReadOnlyDictionary<string, string> remembered, string name) =>
        remembered.TryGetValue(name, out string? text) ? text.Split(Separator, StringSplitOptions.RemoveEmptyEntries) : [];

    private static void Write(SearchIndexOptions options, string name, IReadOnlyList<string> values)
    {
        if (values.Count > 0)
        {
            options.Properties[name] = string.Join(Separator, values);
        }
    }

    private static Option<string[]> Patterns(string name, string description) => new(name) { Description = description, HelpName = "PATTERN" };
}
