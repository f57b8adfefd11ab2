using System.Text;
using MetaEol.Cli.Display;
using MetaEol.Cli.Results;
using MetaEol.Tests;
using Spectre.Console;

namespace MetaEol.Cli.Tests.Display;

/// <summary>Tables in terminals of 80 and 60 columns, and where there is none.</summary>
public class ResultTableTests
{
    private static readonly string[] Tasks = ["STS12", "STS13", "STS14", "STS15", "STS16", "STS-B", "SICK-R"];

    [Theory]
    [InlineData(120)]
    [InlineData(80)]
    [InlineData(60)]
    [InlineData(40)]
    public void Scores_SevenTasksWithALongName_FitAndShowEveryNumber(int width)
    {
        ScoreTable table = new(Tasks);
        table.Add("a-model-with-a-rather-long-name-7B", [11.11, 22.22, 33.33, 44.44, 55.55, 66.66, 77.77]);
        table.Add("best 3: topic, purpose, verdict", [12.12, 23.23, 34.34, 45.45, 56.56, 67.67, 78.78], best: true);
        string text = Print(width, terminal => table.Write(terminal, "Spearman × 100", "templates"));
        AssertFits(text, width);
        foreach (string number in new[] { "11.11", "77.77", "44.44", "12.12", "78.78", "45.45" })
        {
            Assert.Contains(number, text, StringComparison.Ordinal);
        }

        Assert.All(Tasks, task => Assert.Contains(task, text, StringComparison.Ordinal));
        Assert.Contains('◂', text);
    }

    [Fact]
    public void Numbers_TooManyForTheWidth_ComeInPartsThatRepeatTheName()
    {
        ResultTable table = new ResultTable().Text("name");
        Cell[] row = ["this"];
        for (int i = 0; i < 20; i++)
        {
            table.Number($"c{i}");
            row = [.. row, $"0.{i:000}"];
        }

        string[] lines = Print(60, terminal => table.Row(row).Write(terminal)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        AssertFits(string.Join('\n', lines), 60);
        Assert.Equal(6, lines.Length);
        Assert.Equal(3, lines.Count(line => line.StartsWith("this", StringComparison.Ordinal)));
    }

    [Fact]
    public void Text_TooLong_IsBrokenBetweenWordsAndItems()
    {
        ResultTable table = new ResultTable().Text("template").Text("words");
        table.Row("topic", Cell.Items(Enumerable.Range(0, 12).Select(i => ($"word{i}", $"{i}%"))));
        string text = Print(60, terminal => table.Write(terminal));
        AssertFits(text, 60);

        // A word and its probability stay on one line.
        Assert.All(Enumerable.Range(0, 12), i => Assert.Contains($"word{i} {i}%", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Text_OneWordWithoutEnd_IsBrokenInside()
    {
        string text = Print(60, terminal => new ResultTable().Text("a").Text("b").Row(new string('x', 300), new string('界', 100)).Write(terminal));
        AssertFits(text, 60);
        Assert.Equal(300, text.Count(letter => letter == 'x'));
        Assert.Equal(100, text.Count(letter => letter == '界'));
    }

    [Fact]
    public void Text_InAVeryNarrowTerminal_BecomesParagraphs()
    {
        string text = Print(30, terminal => new ResultTable().Text("name").Text("what it is for").Text("templates").Row("metaeol", "Four meta-tasks, two templates each.", "topic, purpose").Write(terminal));
        AssertFits(text, 30);
        Assert.DoesNotContain('│', text);
        Assert.Contains("what it is for", text, StringComparison.Ordinal);
    }

    [Fact]
    public void NoTerminal_NothingIsBroken()
    {
        string sentence = string.Join(' ', Enumerable.Repeat("word", 300));
        string text = Print(1_000_000, terminal =>
        {
            new ResultTable().Text("a").Row(sentence).Write(terminal);
            terminal.Out.MarkupLine(sentence);
            NamedRows.Write(terminal, [("name", sentence)]);
        });
        Assert.Equal(3, text.Split('\n').Count(line => line.Contains(sentence, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(80)]
    [InlineData(60)]
    public async Task Explain_InANarrowTerminal_FitsAndShowsEveryCosine(int width)
    {
        Tool.Result result = (await InProcess.RunAsync(width, "explain", "A man plays a guitar.", "Someone is making music.")).Succeeded();
        AssertFits(result.Output, width);
        foreach (string name in new[] { "topic", "purpose", "verdict", "emotion", "meaning", "situation", "subject", "fact", "mean of all" })
        {
            Assert.Contains(name, result.Output, StringComparison.Ordinal);
        }

        // The diagonal of two matrices.
        Assert.Equal(16, result.Output.Split("1.000").Length - 1);
    }

    [Theory]
    [InlineData("templates list")]
    [InlineData("templates show metaeol")]
    [InlineData("info MODEL")]
    public async Task Commands_InANarrowTerminal_Fit(string line)
    {
        foreach (int width in new[] { 80, 60 })
        {
            AssertFits((await InProcess.RunAsync(width, [.. line.Split(' ').Select(word => word == "MODEL" ? TestPaths.DemoModel : word)])).Succeeded().Output, width, except: TestPaths.DemoModel);
        }
    }

    [Fact]
    public void Row_OfAnotherLength_IsRefused() => Assert.Throws<ArgumentException>(() => new ResultTable().Text("a").Row("1", "2"));

    private static string Print(int width, Action<Terminal> print)
    {
        using MemoryStream output = new(), error = new();
        Terminal terminal = new(output, error, width, width);
        print(terminal);
        terminal.Data.Flush();
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static void AssertFits(string text, int width, string? except = null) =>
        Assert.All(text.Split('\n').Where(line => except is null || !line.Contains(except, StringComparison.Ordinal)), line => Assert.InRange(line.GetCellWidth(), 0, width));
}
