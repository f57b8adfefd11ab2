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

    [Fact]
    public void ToSvg_EightSeries_DifferInColourAndShape()
    {
        XElement svg = XElement.Parse(new LineChart("t", "x", "y", [.. Enumerable.Range(0, 8).Select(i => new ChartSeries($"s{i}", [(0, i), (1, i + 1)]))]).ToSvg());
        XElement[] lines = [.. svg.Descendants().Where(element => element.Name.LocalName == "polyline")];
        Assert.Equal(8, lines.Select(line => (string?)line.Attribute("stroke")).Distinct().Count());
        Assert.InRange(lines.Select(line => (string?)line.Attribute("stroke-dasharray")).Distinct().Count(), 7, 8);

        // Each shape of a point, told by element and filling (shapes of one element by the letters of their path), is there once per series: in two points and in the legend.
        string Shape(XElement marker) => $"{(marker.Name.LocalName == "ellipse" ? "circle" : marker.Name.LocalName)} {(string?)marker.Attribute("fill") == "white"} {string.Concat(((string?)marker.Attribute("d") ?? string.Empty).Where(char.IsLetter))}";
        IGrouping<string, XElement>[] shapes = [.. svg.Descendants().Where(element => element.Name.LocalName is "circle" or "ellipse" or "rect" or "path" && element.Attribute("stroke-width") is not null).GroupBy(Shape)];
        Assert.Equal(8, shapes.Length);
        Assert.All(shapes, shape => Assert.Equal(3, shape.Count()));
        Assert.All(shapes, shape => Assert.Single(shape.Select(marker => (string?)marker.Attribute("stroke")).Distinct()));
    }

    [Theory]
    [InlineData(78.2, 78.55, "The vertical axis begins at 78.2, not at 0. All values lie within 0.35.")]
    [InlineData(-9, -8, "not at 0. All values lie within 1.")]
    [InlineData(0, 80, null)]
    [InlineData(-5, 80, null)]
    public void ToSvg_AxisWithoutZero_SaysSo(double low, double high, string? expected)
    {
        string[] texts = Texts(new LineChart("t", "x", "y", [new ChartSeries("s", [(1, low), (2, high)])]));
        if (expected is null)
        {
            Assert.DoesNotContain(texts, text => text.Contains("not at 0", StringComparison.Ordinal));
        }
        else
        {
            Assert.Contains(texts, text => text.EndsWith(expected, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void ToSvg_BestLabel_StandsInsideThePlotAndNoLineRunsThroughIt(int best)
    {
        // The highest point at each place of a zigzag, with a second line in the way.
        (double X, double Y)[] zigzag = [.. Enumerable.Range(0, 5).Select(i => ((double)i, i == best ? 50.0 : 40 + (i % 2 * 6)))];
        LineChart chart = new("t", "x", "y", [new ChartSeries("a", zigzag, "best: layer 3, 50.00"), new ChartSeries("b", [(0, 44), (4, 44)])]);
        XElement svg = XElement.Parse(chart.ToSvg());
        XElement box = Assert.Single(svg.Descendants(), element => element.Attribute("fill-opacity") is not null);
        double x = Number(box, "x"), y = Number(box, "y"), width = Number(box, "width"), height = Number(box, "height");
        Assert.True(x > 70 && x + width < 760 - 24 && y > 48 && y + height < 348, $"{x} {y} {width} {height}");
        foreach (XElement line in svg.Descendants().Where(element => element.Name.LocalName == "polyline"))
        {
            double[][] points = [.. line.Attribute("points")!.Value.Split(' ').Select(point => point.Split(',').Select(value => double.Parse(value, CultureInfo.InvariantCulture)).ToArray())];
            for (int i = 1; i < points.Length; i++)
            {
                for (double t = 0; t <= 1; t += 0.01)
                {
                    (double px, double py) = (points[i - 1][0] + (t * (points[i][0] - points[i - 1][0])), points[i - 1][1] + (t * (points[i][1] - points[i - 1][1])));
                    Assert.False(px > x && px < x + width && py > y && py < y + height, $"A line runs through the label at {px}, {py}.");
                }
            }
        }
    }

    [Fact]
    public void ToSvg_NamesFromOutside_StayWellFormedAndInTheirPlace()
    {
        LineChart chart = new("title \u001b[31m\0 \ud800 \uffff <script>" + new string('t', 500), "x", "y", [new ChartSeries("name\u0007" + new string('n', 500), [(0, 1)], "b\u001b")]);
        string[] texts = Texts(chart);
        Assert.All(texts, text => Assert.InRange(text.Length, 0, 100));
        Assert.All(texts, text => Assert.DoesNotContain(text, character => char.IsControl(character)));
    }

    private static string[] Texts(LineChart chart) => [.. XElement.Parse(chart.ToSvg()).Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)];

    private static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
