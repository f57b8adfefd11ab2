using System.Globalization;
using System.Xml.Linq;
using MetaEol.Evaluation.Charts;

namespace MetaEol.Evaluation.Tests.Charts;

public class LineChartTests
{
    private static readonly LineChart Chart = new(
        "Scores <of> \"layers\"", "hidden_states index", "Spearman × 100",
        [new ChartSeries("average", [(0, 40.5), (1, 71.25), (2, 70)], "best: 1"), new ChartSeries("STS-B", [(0, 35), (1, 60), (2, 75)])]);

    [Fact]
    public void ToSvg_IsWellFormedAndLabelled()
    {
        XElement svg = XElement.Parse(Chart.ToSvg());
        string[] texts = [.. svg.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)];
        Assert.Superset(new HashSet<string> { "Scores <of> \"layers\"", "hidden_states index", "Spearman × 100", "average", "STS-B", "best: 1", "0", "1", "2" }, texts.ToHashSet());
        Assert.Equal(2, svg.Descendants().Count(element => element.Name.LocalName == "polyline"));
    }

    [Fact]
    public void ToSvg_BestPoint_IsMarkedAtTheHighestPoint()
    {
        XElement svg = XElement.Parse(Chart.ToSvg());
        XElement mark = Assert.Single(svg.Descendants(), element => (string?)element.Attribute("r") == "7");
        XElement[] points = [.. svg.Descendants().Where(element => (string?)element.Attribute("r") == "3")];
        Assert.Equal(((string?)points[1].Attribute("cx"), (string?)points[1].Attribute("cy")), ((string?)mark.Attribute("cx"), (string?)mark.Attribute("cy")));
    }

    [Theory]
    [InlineData(0, 0.0001)]
    [InlineData(-100, 100)]
    [InlineData(70.01, 70.02)]
    [InlineData(5, 5)]
    [InlineData(0, 1234567)]
    public void ToSvg_AnyRange_KeepsPointsInsideTheAxes(double low, double high)
    {
        XElement svg = XElement.Parse(new LineChart("t", "x", "y", [new ChartSeries("s", [(1, low), (33, high)])]).ToSvg());
        foreach (XElement circle in svg.Descendants().Where(element => element.Name.LocalName == "circle"))
        {
            Assert.InRange(double.Parse(circle.Attribute("cy")!.Value, CultureInfo.InvariantCulture), 48, 440 - 92);
            Assert.InRange(double.Parse(circle.Attribute("cx")!.Value, CultureInfo.InvariantCulture), 70, 760 - 24);
        }

        Assert.InRange(svg.Descendants().Count(element => (string?)element.Attribute("stroke") == "#e2e2e2"), 2, 12);
    }

    [Fact]
    public void ToSvg_OtherCulture_WritesTheSameNumbers()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        string expected = Chart.ToSvg();
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("de-DE");
            Assert.Equal(expected, Chart.ToSvg());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void ToSvg_NoOrBadPoints_Throws()
    {
        Assert.Throws<InvalidOperationException>(() => (Chart with { Series = [] }).ToSvg());
        Assert.Throws<InvalidOperationException>(() => (Chart with { Series = [new ChartSeries("s", [(0, double.NaN)])] }).ToSvg());
    }
}
