using System.Text;
using System.Text.Json;
using MetaEol.Cli.Display;
using MetaEol.Cli.Results;
using MetaEol.Tests;

namespace MetaEol.Cli.Tests.Display;

/// <summary>Nothing that somebody else wrote steers the terminal, wherever it is printed.</summary>
public sealed class PrintableTests : IDisposable
{
    private const string Hostile = "\u001b[31mred\u001b[0m \u001b]0;title\u0007 \u009b2J \u202Eevil\u2066 \u2028 \u0000 \u007f end";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("plain text, Zwei Vögel 🐦", "plain text, Zwei Vögel 🐦")]
    [InlineData("a\u001b[31mb", "a␛[31mb")]
    [InlineData("a\u009b31mb", "a�31mb")]
    [InlineData("a\u202Eb\u2066c\u200Fd", "a�b�c�d")]
    [InlineData("a\tb\r\nc\u0000d\u007f", "a b c␀d␡")]
    [InlineData("a\uffffb\ufffec\U0001ffff", "a�b�c�")]
    [InlineData(null, "")]
    public void Line_MakesVisibleWhatWouldSteer(string? text, string expected) => Assert.Equal(expected, Printable.Line(text));

    [Fact]
    public void Line_HalfASurrogatePair_IsReplaced() => Assert.Equal("half � pair", Printable.Line("half \ud83d pair"));

    [Fact]
    public void Text_KeepsLineBreaks() => Assert.Equal("a\nb\nc", Printable.Text("a\r\nb\nc"));

    [Fact]
    public void Line_TwoMegabytes_IsCutAndSaysSo()
    {
        string line = Printable.Line(new string('x', 2_000_000));
        Assert.InRange(line.Length, 2000, 2050);
        Assert.EndsWith("… (1,998,000 more characters)", line, StringComparison.Ordinal);

        // Never between the halves of a pair.
        Assert.DoesNotContain('\ufffd', Printable.Line(new string('x', 1999) + "🐦🐦"));
    }

    [Fact]
    public void Terminal_EveryWay_PrintsNothingThatSteers()
    {
        using MemoryStream output = new(), error = new();
        Terminal terminal = new(output, error, 80, 80);
        terminal.Notice(Hostile);
        terminal.Warn(Hostile);
        terminal.WriteLine(Hostile);
        terminal.WriteLine("yellow", "warning", Hostile);
        new ResultTable().Text(Hostile).Number(Hostile).Row(Hostile, Hostile).Write(terminal, Hostile);
        new ResultTable().Text("words").Row(Cell.Items([(Hostile, Hostile)])).Write(terminal);
        NamedRows.Write(terminal, [(Hostile, Hostile)]);
        JsonResult.Write(terminal.Data, new { text = Hostile });
        JsonResult.WriteText(terminal.Data, JsonSerializer.Serialize(Hostile));

        // Even what does not pass the tool's own ways stops at the last gate.
        terminal.Out.Write(new Spectre.Console.Text(Hostile));
        terminal.Out.Write(new Spectre.Console.Table().AddColumn(new Spectre.Console.TableColumn(Spectre.Console.Markup.Escape(Hostile))));
        terminal.Fail(Hostile);
        terminal.FailWithTrace(new InvalidOperationException(Hostile));
        AssertHarmless(Encoding.UTF8.GetString(output.ToArray()));
        AssertHarmless(Encoding.UTF8.GetString(error.ToArray()));
    }

    [Fact]
    public void Json_Escaped_MeansTheSame()
    {
        using StringWriter writer = new();
        JsonResult.Write(writer, new { text = Hostile });
        AssertHarmless(writer.ToString());
        Assert.Equal(Hostile, JsonDocument.Parse(writer.ToString()).RootElement.GetProperty("text").GetString());
    }

    [Fact]
    public async Task Commands_HostileTextsNamesAndFiles_PrintNothingThatSteers()
    {
        string set = _folder.Write("set.json", JsonSerializer.Serialize(new
        {
            name = Hostile,
            description = Hostile,
            templates = new[] { new { name = Hostile, task = Hostile, text = $"{Hostile} {{text}} in one word:\"" }, new { name = "b", task = "b", text = "{text} in one word:\"" } },
        }));
        string texts = _folder.Write("in.jsonl", JsonSerializer.Serialize(new { text = Hostile, id = Hostile }) + "\n");
        if (!OperatingSystem.IsWindows())
        {
            _folder.Write("docs/\u001b[31mname\u202E.txt", $"{Hostile}\n\nA paragraph.");
        }

        _folder.Write("model\u001b[31m/config.json", JsonSerializer.Serialize(new { architectures = new[] { Hostile }, model_type = Hostile }));
        string[][] lines =
        [
            ["explain", Hostile, "--templates", set, "--top", "2"],
            ["explain", Hostile, Hostile, "--templates", set, "--top", "2", "--json"],
            ["explain", "x", $"--top={Hostile}"],
            ["templates", "show", set],
            ["templates", "show", set, "--json"],
            ["templates", "check", set],
            ["templates", "check", set, "--json"],
            ["templates", "generate", Hostile],
            ["templates", Hostile],
            ["embed", texts, "--out", "-", "--templates", "prompteol"],
            ["embed", _folder["docs"], "--out", "-", "--templates", "prompteol"],
            ["embed", texts, "--out", "-", "--field", Hostile],
            ["embed", _folder[$"{Hostile.Replace('\0', ' ')}"], "--out", "-"],
            ["info", _folder["model\u001b[31m"]],
            ["info", _folder["model\u001b[31m"], "--json"],
            ["pull", Hostile],
            [Hostile],
        ];
        foreach (string[] line in lines)
        {
            Tool.Result result = await InProcess.RunAsync(60, line);
            AssertHarmless(result.Output);
            AssertHarmless(result.Error);
            Assert.NotEmpty(result.Output + result.Error);
        }
    }

    private static void AssertHarmless(string text) => Assert.DoesNotContain(text.EnumerateRunes(), rune => rune.Value != '\n' && Printable.IsUnsafe(rune));
}
