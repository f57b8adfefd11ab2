using System.CommandLine;
using System.Text.RegularExpressions;
using MetaEol.Cli;
using MetaEol.Tests;
using MetaEol.Tests.Documentation;

namespace MetaEol.Docs.Tests;

/// <summary>Holds every command that a page tells its reader to type against the tool's own definitions.</summary>
public partial class CommandSnippetTests
{
    private const string ToolProject = "src/MetaEol.Cli";

    public static TheoryData<string> Pages => [.. MarkdownPage.All.Select(page => page.Path)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void CommandsInBlocks_AreUnderstood(string path)
    {
        List<string> problems = [];
        foreach (Fence block in MarkdownPage.Read(path).Fences.Where(block => block.Language is "bash" or "text"))
        {
            foreach ((int line, string text) in ShellLine.Typed(block.Text, isRecording: block.Language == "text"))
            {
                problems.AddRange(ShellLine.Commands(text).Select(FindError).OfType<string>().Select(error => $"{path}:{block.Line + line}: {error}"));
            }
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    /// <summary>A command that the text only names (<c>metaeol search</c>) must be one; what it is named with must be options and values that it takes.</summary>
    [Theory]
    [MemberData(nameof(Pages))]
    public void CommandsInTheText_AreUnderstood(string path)
    {
        List<string> problems = [];
        foreach ((int line, string code) in MarkdownPage.Read(path).InlineCodes.Where(code => code.Code.StartsWith("metaeol ", StringComparison.Ordinal)))
        {
            foreach (string[] words in ShellLine.Commands(code).Where(words => words[0] == "metaeol" && !IsCommandName(words[1..])))
            {
                // A command that is named with one of its options need not have all that it takes.
                if (FindError(words) is { } error && Missing().Replace(error[(error.IndexOf(": ", StringComparison.Ordinal) + 2)..], "").Length > 0)
                {
                    problems.Add($"{path}:{line}: {error}");
                }
            }
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [Fact]
    public void Pages_ShowCommandsOfEveryKind()
    {
        string[][] commands = [.. MarkdownPage.All.SelectMany(page => page.Fences).Where(block => block.Language is "bash" or "text")
            .SelectMany(block => ShellLine.Typed(block.Text, isRecording: block.Language == "text")).SelectMany(line => ShellLine.Commands(line.Text))];
        foreach (Command command in MetaEolTool.Parse([], new Terminal()).RootCommandResult.Command.Subcommands)
        {
            Assert.Contains(commands, words => words is ["metaeol", var name, ..] && name == command.Name);
        }
    }

    [Theory]
    [InlineData("metaeol explain --tpo 3 \"Two dogs.\"", "'--tpo' is not an option")]
    [InlineData("metaeol explian \"Two dogs.\"", "'explian' is not a command")]
    [InlineData("cat a.txt | metaeol embed - --on-error ignore --out b.npy", "--on-error is 'ignore'")]
    [InlineData("dotnet run --project src/MetaEol.Cli -- embed", "Option '--out' is required")]
    [InlineData("dotnet run --project samples/99.Nothing", "no project samples/99.Nothing")]
    public void FindError_WrongCommand_IsFound(string line, string expected) =>
        Assert.Contains(ShellLine.Commands(line).Select(FindError), error => error?.Contains(expected, StringComparison.Ordinal) == true);

    private static string? FindError(string[] words)
    {
        int project = Array.IndexOf(words, "--project");
        if (words[0] == "dotnet" && project > 0)
        {
            string path = words[project + 1];
            int separator = Array.IndexOf(words, "--");
            return !Path.Exists(Path.Combine(TestPaths.Root, path)) ? $"{string.Join(' ', words)}: there is no project {path}."
                : path == ToolProject && separator > 0 ? FindToolError(words[(separator + 1)..])
                : null;
        }

        return words[0] == "metaeol" ? FindToolError(words[1..]) : null;
    }

    private static string? FindToolError(string[] arguments) =>
        MetaEolTool.FindError(MetaEolTool.Parse(arguments, new Terminal()), arguments) is { } error ? $"metaeol {string.Join(' ', arguments)}: {error}" : null;

    [GeneratedRegex(@"\s*(?:Option '[^']+' is required\.|Required argument[^.]*\.)")]
    private static partial Regex Missing();

    private static bool IsCommandName(string[] words)
    {
        Command command = MetaEolTool.Parse([], new Terminal()).RootCommandResult.Command;
        foreach (string word in words)
        {
            if (command.Subcommands.FirstOrDefault(candidate => candidate.Name == word) is not { } next)
            {
                return false;
            }

            command = next;
        }

        return true;
    }
}
