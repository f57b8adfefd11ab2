using Spectre.Console;

namespace MetaEol.Samples.Quickstart.Tests;

/// <summary>The whole quickstart on the demo model, as its command line runs it.</summary>
public sealed class QuickstartCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_NoArguments_AnswersExamplesFromBundledDocuments()
    {
        Assert.Equal(0, await RunAsync());

        string output = _output.ToString();
        Assert.Contains("bundled to show how things work", output, StringComparison.Ordinal);
        Assert.Contains("--model", output, StringComparison.Ordinal);
        Assert.Contains("How much sleep do I need?", output, StringComparison.Ordinal);
        Assert.Contains("health.md", output, StringComparison.Ordinal);
        Assert.Contains("1st by words, 1st by meaning, 1st by weighed words", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
        Assert.All(Lines(), line => Assert.InRange(line.Length, 0, 80));
        Assert.Empty(_error.ToString());
    }

    [Fact]
    public async Task Run_QuestionInTheWordsOfAPassage_FindsThatPassageFirst()
    {
        _folder.Write("music.md", "# Music\n\nA man is playing a guitar on the stage.\n\nThe orchestra is on a journey.");
        _folder.Write("animals/dogs.txt", "A dog runs through the snow.\n\nTwo cats sleep on a chair.");

        Assert.Equal(0, await RunAsync("--folder", _folder.FullName, "--top", "1", "A man plays a guitar", "a dog in the snow"));

        string[] answers = [.. Lines().SkipWhile(line => line != "A man plays a guitar")];
        Assert.Contains("music.md", answers[1], StringComparison.Ordinal);
        Assert.Contains("a guitar on the stage", answers[1], StringComparison.Ordinal);
        string[] second = [.. answers.SkipWhile(line => line != "a dog in the snow")];
        Assert.Contains("animals/dogs.txt:1", second[1], StringComparison.Ordinal);
        Assert.Contains("A dog runs through the snow.", second[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_UserTypesQuestions_AnswersUntilAnEmptyLine()
    {
        _folder.Write("a.txt", "A dog runs through the snow.");

        Assert.Equal(0, await RunAsync(new StringReader("What about [markup]?\nAnd then?\n\nnever asked\n"), "--folder", _folder.FullName));

        string output = _output.ToString();
        Assert.Contains("What about [markup]?", output, StringComparison.Ordinal);
        Assert.Contains("And then?", output, StringComparison.Ordinal);
        Assert.DoesNotContain("never asked", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ParagraphLongerThanTheContext_IsSplitAndFound()
    {
        string filler = string.Concat(Enumerable.Repeat("The company sold its shares to the bank. ", 300));
        _folder.Write("long.txt", $"{filler} A dog runs through the deep snow. {filler}");

        Assert.Equal(0, await RunAsync("--folder", _folder.FullName, "--top", "1", "a dog in the snow"));

        Assert.Matches(@"1 with \d{2,3} passages", _output.ToString());
        Assert.Contains("A dog runs through the deep snow.", string.Join(' ', Lines().Select(line => line.Trim())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_FileThatIsNoText_IsLeftOutAndNamed()
    {
        _folder.Write("good.txt", "A dog runs through the snow.");
        _folder.Write("bad.txt", [0x7F, 0x45, 0x4C, 0x46, 0, 0]);

        Assert.Equal(0, await RunAsync("--folder", _folder.FullName, "a dog"));

        Assert.Contains("Left out bad.txt: it is no text", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NoWordOfTheQuestion_SaysSo()
    {
        _folder.Write("a.txt", "A dog runs through the snow.\n\nA man plays the guitar.");

        Assert.Equal(0, await RunAsync("--folder", _folder.FullName, "puppies?"));

        Assert.Contains("none of the words, 1st by meaning", _output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("weighed words", string.Join('\n', Lines().SkipWhile(line => line != "puppies?")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_FolderWithoutText_FailsWithOneLine()
    {
        _folder.Write("a.cs", "class A;");

        Assert.Equal(1, await RunAsync("--folder", _folder.FullName, "a question"));

        Assert.Equal($"There is no text in '{_folder.FullName}': files that end with .txt, .text, .md, .markdown are read.", OnlyErrorLine());
    }

    [Theory]
    [InlineData(1, "/nonexistent", "--folder", "/nonexistent")]
    [InlineData(1, "/nonexistent", "--model", "/nonexistent")]
    [InlineData(2, "--top 0", "--top", "0")]
    [InlineData(2, "--top", "--top", "many")]
    [InlineData(2, "--folde", "--folde", "x")]
    public async Task Run_WrongArgument_FailsWithOneLineThatNamesIt(int exitCode, string named, params string[] arguments)
    {
        Assert.Equal(exitCode, await RunAsync(arguments));

        Assert.Contains(named, OnlyErrorLine(), StringComparison.Ordinal);
        Assert.Empty(_output.ToString());
    }

    [Fact]
    public async Task Run_DamagedModel_FailsWithOneLineThatNamesTheFile()
    {
        _folder.Write("config.json", "{");

        Assert.Equal(1, await RunAsync("--model", _folder.FullName, "a question"));

        Assert.Contains("config.json", OnlyErrorLine(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Cancelled_EndsWithItsOwnExitCode()
    {
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();

        Assert.Equal(130, await new QuickstartCommand(CreateConsole(), _error, input: null).RunAsync(["a question"], cancelled.Token));
    }

    private Task<int> RunAsync(params string[] arguments) => RunAsync(null, arguments);

    private Task<int> RunAsync(TextReader? input, params string[] arguments) =>
        new QuickstartCommand(CreateConsole(), _error, input).RunAsync(arguments);

    private IAnsiConsole CreateConsole() =>
        AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(_output) });

    private string[] Lines() => [.. _output.ToString().ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0)];

    private string OnlyErrorLine() => Assert.Single(_error.ToString().ReplaceLineEndings("\n").TrimEnd().Split('\n'));
}
