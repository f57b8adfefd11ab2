using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MetaEol.Cli;
using MetaEol.Tests;
using MetaEol.Tests.Documentation;

namespace MetaEol.Docs.Tests;

/// <summary>
/// Runs again what <c>docs/cli.md</c> shows as recordings, where it needs no more than the demo model and the quickstart's documents, and compares what is printed. A last digit may differ
/// from one processor to another.
/// </summary>
public partial class RecordingTests
{
    private const string Page = "docs/cli.md";
    private const string Documents = "samples/01.Quickstart/documents";
    private const int Columns = 100;

    [Fact]
    public async Task SearchAndSimilar_PrintWhatThePageShows()
    {
        using var folder = new TemporaryFolder();
        foreach (string file in Directory.EnumerateFiles(Path.Combine(TestPaths.Root, Documents)).Where(file => !Path.GetFileName(file).StartsWith('.')))
        {
            File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
        }

        Fence[] recordings = [.. Recordings("search"), .. Recordings("similar")];
        Assert.Equal(2, recordings.Length);
        foreach (Fence recording in recordings)
        {
            await AssertPrintsAsync(recording, words => [.. words.Select(word => word.Replace(Documents, folder.Path, StringComparison.Ordinal))]);
        }
    }

    [Fact]
    public async Task Explain_PrintsWhatThePageShows()
    {
        Fence[] recordings = [.. Recordings("explain")];
        Assert.Equal(2, recordings.Length);
        foreach (Fence recording in recordings)
        {
            await AssertPrintsAsync(recording, words => [.. words, "--model", TestPaths.DemoModel]);
        }
    }

    [Theory]
    [InlineData("│ a │ 0.991 │ 47% │", "│ a │ 0.992 │ 48% │", true)]
    [InlineData("│ a │ 0.991 │ 47% │", "│ a │ 0.993 │ 47% │", false)]
    [InlineData("│ a │ 0.991 │ 47% │", "│ b │ 0.991 │ 47% │", false)]
    [InlineData("12 files, 60 passages", "12 files, 61 passages; 60 embedded", false)]
    public void AreAlike_OneDigitInTheLastPlace_IsAllowed(string recorded, string printed, bool expected) => Assert.Equal(expected, AreAlike(recorded, printed));

    private static IEnumerable<Fence> Recordings(string command) =>
        MarkdownPage.Read(Page).Fences.Where(block => block.Language == "text" && block.Text.StartsWith($"$ metaeol {command} ", StringComparison.Ordinal));

    private static async Task AssertPrintsAsync(Fence recording, Func<string[], string[]> complete)
    {
        string[] lines = recording.Text.Split('\n');
        string[] words = Assert.Single(ShellLine.Commands(lines[0][2..]));
        using MemoryStream output = new(), error = new();
        string[] arguments = complete(words[1..]);
        int exitCode = await MetaEolTool.RunAsync(arguments, new Terminal(output, error, Columns, Columns * 10));
        string[] printed = Lines(output), notices = Lines(error);
        Assert.True(exitCode == ExitCode.Success, string.Join('\n', notices));

        // Notices and results come from two streams; the recording has both.
        string[] recorded = [.. lines.Skip(1).Where(line => !IsAboutTheModel(line) && !notices.Any(notice => AreAlike(line, notice)))];
        bool same = recorded.Length == printed.Length && recorded.Zip(printed).All(pair => AreAlike(pair.First, pair.Second));
        Assert.True(same, $"{Page}:{recording.Line} shows something else than\n$ metaeol {string.Join(' ', arguments)}\n{string.Join('\n', notices)}\n{string.Join('\n', printed)}");
    }

    /// <summary>Which model is taken depends on how the tool is called.</summary>
    private static bool IsAboutTheModel(string line) => line.StartsWith("No --model given", StringComparison.Ordinal);

    private static string[] Lines(MemoryStream stream) =>
        [.. Encoding.UTF8.GetString(stream.ToArray()).ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0)];

    /// <summary>Whether two lines are the same but for one unit in the last place of their numbers.</summary>
    private static bool AreAlike(string recorded, string printed)
    {
        string[] texts = Number().Split(recorded), others = Number().Split(printed);
        string[] numbers = [.. Number().Matches(recorded).Select(match => match.Value)], otherNumbers = [.. Number().Matches(printed).Select(match => match.Value)];
        return texts.SequenceEqual(others) && numbers.Zip(otherNumbers).All(pair => AreClose(pair.First, pair.Second));
    }

    private static bool AreClose(string recorded, string printed)
    {
        int places = recorded.Contains('.', StringComparison.Ordinal) ? recorded.Length - recorded.IndexOf('.', StringComparison.Ordinal) - 1 : 0;
        decimal unit = 1;
        for (int i = 0; i < places; i++)
        {
            unit /= 10;
        }

        return Math.Abs(decimal.Parse(recorded, CultureInfo.InvariantCulture) - decimal.Parse(printed, CultureInfo.InvariantCulture)) <= unit;
    }

    [GeneratedRegex(@"\d+(?:\.\d+)?")]
    private static partial Regex Number();
}
