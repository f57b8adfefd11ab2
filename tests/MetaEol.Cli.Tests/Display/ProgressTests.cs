using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MetaEol.Cli.Display;

namespace MetaEol.Cli.Tests.Display;

public partial class ProgressTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Lines_LongRun_ComeAtIntervalsAndNotMoreOften()
    {
        using StringWriter writer = new();
        ProgressReport report = new(new ProgressLines(writer, "texts", _time));
        for (int second = 0; second <= 60; second++)
        {
            report.Report("embedding", second * 4, 240, second * 4);
            _time.Advance(1);
        }

        string[] lines = writer.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(6, lines.Length);
        Assert.Equal("embedding: 40 texts (16 %), 4.0 texts/s, 50 s left", lines[0]);
        Assert.Equal("embedding: 240 texts (100 %), 4.0 texts/s, 0 s left", lines[^1]);
    }

    [Fact]
    public void Lines_ShortRun_AreNone()
    {
        using StringWriter writer = new();
        ProgressReport report = new(new ProgressLines(writer, "texts", _time));
        report.Report("embedding", 1, 2, 1);
        _time.Advance(9);
        report.Report("embedding", 2, 2, 2);
        Assert.Empty(writer.ToString());
    }

    [Fact]
    public async Task Terminal_ThatIsNone_GetsTheLinesOnStandardError()
    {
        using MemoryStream output = new(), error = new();
        Terminal terminal = new(output, error, 80, 80, _time);
        await terminal.WithProgressAsync("texts", progress =>
        {
            progress.Report("embedding", 0, 100, 0);
            _time.Advance(20);
            progress.Report("embedding", 10, 100, 10);
            return Task.FromResult(0);
        });
        Assert.Empty(output.ToArray());
        Assert.Equal("embedding: 10 texts (10 %), 0.5 texts/s, 3 min left\n", Encoding.UTF8.GetString(error.ToArray()).ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData(0, 0, 1000, 30)]
    [InlineData(500, 0, 1000, 30)]
    [InlineData(0, 0, 1_000_000, 7)]
    public void Speed_RateAndTimeLeft_NeverContradict(double done, double units, double total, double perSecond)
    {
        // At a rate r with n units left, the time left is n / r: at every moment, whatever was done before the run.
        StepProgress progress = new(_time, done, units);
        for (int second = 1; second < 20; second++)
        {
            _time.Advance(1);
            progress.Set(done + (perSecond * second), total, units + (perSecond * second));
            Match match = Pattern().Match(progress.Speed("texts"));
            Assert.True(match.Success, progress.Speed("texts"));
            double left = (total - done - (perSecond * second)) / double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
            Assert.Equal(StepProgress.Duration(left), match.Groups[2].Value);
        }
    }

    [Fact]
    public void Speed_NothingKnownYet_SaysNothing()
    {
        StepProgress progress = new(_time, 0, 0);
        Assert.Empty(progress.Speed("texts"));
        _time.Advance(5);
        progress.Set(0, 100, 0);
        Assert.Empty(progress.Speed("texts"));
        progress.Set(10, 0, 10);
        Assert.Equal("2.0 texts/s", progress.Speed("texts"));
        Assert.Equal("0.0 MB/s", progress.Speed("B"));
    }

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(59.2, "1 min")]
    [InlineData(200, "3 min 20 s")]
    [InlineData(7500, "2 h 5 min")]
    [InlineData(7200, "2 h")]
    [InlineData(273_600, "3 d 4 h")]
    [InlineData(double.PositiveInfinity, "11574 d 1 h")]
    public void Duration_IsInTheTwoUnitsThatMatter(double seconds, string expected) => Assert.Equal(expected, StepProgress.Duration(seconds));

    [GeneratedRegex(@"^(\S+) texts/s, (.*) left$")]
    private static partial Regex Pattern();

    private sealed class ManualTime : TimeProvider
    {
        private long _now = 1;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _now;

        public void Advance(long seconds) => _now += seconds;
    }
}
