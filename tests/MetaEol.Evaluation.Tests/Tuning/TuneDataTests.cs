using MetaEol.Evaluation.Statistics;
using MetaEol.Evaluation.Tuning;
using MetaEol.Tests;

namespace MetaEol.Evaluation.Tests.Tuning;

public sealed class TuneDataTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ReadJsonLines_Pairs_AreInTheSameHalfWhateverElseIsInTheFile()
    {
        string[] lines = [.. Enumerable.Range(0, 100).Select(i => $$"""{"first": "a {{i}}", "second": "b", "score": {{i}}.5}""")];
        TuneData data = TuneData.ReadJsonLines(_folder.Write("pairs.jsonl", string.Join('\n', lines)));
        Assert.Equal(100, data.DevPairs.Count + data.TestPairs.Count);
        Assert.InRange(data.DevPairs.Count, 30, 70);
        Assert.False(data.IsQuestions);
        TuneData fewer = TuneData.ReadJsonLines(_folder.Write("fewer.jsonl", $"{string.Join("\n\n", lines.Reverse().Take(60))}\n"));
        Assert.All(fewer.DevPairs, pair => Assert.Contains(pair, data.DevPairs));
        Assert.All(fewer.TestPairs, pair => Assert.Contains(pair, data.TestPairs));
    }

    [Fact]
    public void ReadJsonLines_Questions_AreRead()
    {
        TuneData data = TuneData.ReadJsonLines(_folder.Write("questions.jsonl", string.Join('\n', Enumerable.Range(0, 60).Select(i => $$"""{"question": "q {{i}}", "passage": "p {{i}}", "id": 1}"""))));
        Assert.True(data.IsQuestions);
        Assert.Equal(60, data.DevQuestions.Count + data.TestQuestions.Count);
    }

    [Theory]
    [InlineData("{", "Line 2", "is not JSON")]
    [InlineData("[]", "Line 2", "expected an object")]
    [InlineData("""{"first": "a", "second": "b"}""", "Line 2", "neither a pair")]
    [InlineData("""{"first": "a", "second": "b", "score": "high"}""", "Line 2", "neither a pair")]
    [InlineData("""{"question": "a", "passage": "b"}""", "Line 2", "another kind")]
    public void ReadJsonLines_LineThatIsNone_NamesItAndWhatIsExpected(string line, string place, string message)
    {
        FormatException exception = Assert.Throws<FormatException>(() => TuneData.ReadJsonLines(_folder.Write("pairs.jsonl", $$"""{"first": "a", "second": "b", "score": 1}{{"\n"}}{{line}}""")));
        Assert.Contains(place, exception.Message, StringComparison.Ordinal);
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromPairs_TooFew_SaysHowManyAreNeeded() =>
        Assert.Contains("at least 10", Assert.Throws<ArgumentException>(() => TuneData.FromPairs("few", [new("a", "b", 1)], [new("a", "b", 1)])).Message, StringComparison.Ordinal);

    [Fact]
    public void BootstrapInterval_OfAStatistic_HoldsItAndIsTheSameEveryTime()
    {
        double[] values = [.. Enumerable.Range(0, 200).Select(i => i % 2 == 0 ? 1.0 : 3.0)];
        BootstrapInterval interval = BootstrapInterval.Of(200, sample => sample.Average(i => values[i]));
        Assert.Equal(2, interval.Mean, 1e-12);
        Assert.InRange(interval.Low, 1.8, 1.95);
        Assert.InRange(interval.High, 2.05, 2.2);
        Assert.Equal(interval, BootstrapInterval.Of(200, sample => sample.Average(i => values[i])));
        Assert.True(double.IsNaN(BootstrapInterval.Of(3, _ => double.NaN).Low));
        Assert.Throws<ArgumentOutOfRangeException>(() => BootstrapInterval.Of(0, _ => 0));
    }
}
