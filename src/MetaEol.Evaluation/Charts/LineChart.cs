using System.Globalization;
using System.Net;
using System.Text;

namespace MetaEol.Evaluation.Charts;

/// <summary>A line chart as SVG: axes with ticks and labels, a legend, the best point of a line marked. Readable without a stylesheet, by screen readers too.</summary>
/// <param name="Title">The title.</param>
/// <param name="XLabel">The label of the x axis, with its unit.</param>
/// <param name="YLabel">The label of the y axis, with its unit.</param>
/// <param name="Series">The lines, at least one with at least one point.</param>
public sealed record LineChart(string Title, string XLabel, string YLabel, IReadOnlyList<ChartSeries> Series)
{
    private const double Width = 760, Left = 70, Right = 24, Top = 48, Floor = 348;
    private const int LegendColumns = 3;

    // Okabe and Ito's colours, which people with any colour vision can tell apart.
    private static readonly string[] Colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"];

    /// <summary>The chart as a whole SVG document.</summary>
    /// <exception cref="InvalidOperationException">There is no point, or one is not finite.</exception>
    public string ToSvg()
    {
        (double X, double Y)[] points = [.. Series.SelectMany(series => series.Points)];
        if (points.Length == 0 || points.Any(point => !double.IsFinite(point.X) || !double.IsFinite(point.Y)))
        {
            throw new InvalidOperationException("A chart needs at least one point, and all of them finite.");
        }

        double[] xTicks = Ticks(points.Min(point => point.X), points.Max(point => point.X), 12, whole: points.All(point => point.X == Math.Floor(point.X)));
        double[] yTicks = Ticks(points.Min(point => point.Y), points.Max(point => point.Y), 8, whole: false);
        double X(double x) => Left + ((x - xTicks[0]) / (xTicks[^1] - xTicks[0]) * (Width - Left - Right));
        double Y(double y) => Floor - ((y - yTicks[0]) / (yTicks[^1] - yTicks[0]) * (Floor - Top));

        double height = Floor + 62 + (18 * ((Series.Count + LegendColumns - 1) / LegendColumns));
        StringBuilder svg = new();
        Line(svg, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" width="{Width}" height="{height}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="{Escape(Title)}">""");
        Line(svg, $"""<rect width="{Width}" height="{height}" fill="white"/>""");
        Line(svg, $"""<text x="{Width / 2}" y="26" font-size="16" text-anchor="middle">{Escape(Title)}</text>""");
        foreach (double tick in yTicks)
        {
            Line(svg, $"""<line x1="{Left}" x2="{Width - Right}" y1="{Y(tick):0.##}" y2="{Y(tick):0.##}" stroke="#e2e2e2"/><text x="{Left - 8}" y="{Y(tick) + 4:0.##}" text-anchor="end">{tick:0.######}</text>""");
        }

        foreach (double tick in xTicks)
        {
            Line(svg, $"""<line x1="{X(tick):0.##}" x2="{X(tick):0.##}" y1="{Floor}" y2="{Floor + 5}" stroke="#444"/><text x="{X(tick):0.##}" y="{Floor + 20}" text-anchor="middle">{tick:0.######}</text>""");
        }

        Line(svg, $"""<path d="M{Left} {Top}V{Floor}H{Width - Right}" fill="none" stroke="#444"/>""");
        Line(svg, $"""<text x="{(Left + Width - Right) / 2}" y="{Floor + 42}" text-anchor="middle">{Escape(XLabel)}</text>""");
        Line(svg, $"""<text transform="translate(20 {(Top + Floor) / 2}) rotate(-90)" text-anchor="middle">{Escape(YLabel)}</text>""");
        for (int i = 0; i < Series.Count; i++)
        {
            AppendSeries(svg, Series[i], Colours[i % Colours.Length], Left + (i % LegendColumns * 225), Floor + 66 + (i / LegendColumns * 18), X, Y);
        }

        svg.Append("</svg>\n");
        return svg.ToString();
    }

    private static void AppendSeries(StringBuilder svg, ChartSeries series, string colour, double legendX, double legendY, Func<double, double> x, Func<double, double> y)
    {
        string points = string.Join(' ', series.Points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{x(point.X):0.##},{y(point.Y):0.##}")));
        Line(svg, $"""<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>""");
        foreach ((double X, double Y) point in series.Points)
        {
            Line(svg, $"""<circle cx="{x(point.X):0.##}" cy="{y(point.Y):0.##}" r="3" fill="{colour}"><title>{point.X:0.###}: {point.Y:0.00}</title></circle>""");
        }

        if (series.BestLabel is not null && series.Points.Count > 0)
        {
            (double bestX, double bestY) = series.Points.MaxBy(point => point.Y);

            // The label stays inside: it ends at the point on the right half, and begins there on the left.
            string anchor = x(bestX) > Width / 2 ? "end" : "start";
            Line(svg, $"""<circle cx="{x(bestX):0.##}" cy="{y(bestY):0.##}" r="7" fill="none" stroke="{colour}" stroke-width="2"/><text x="{x(bestX):0.##}" y="{y(bestY) - 12:0.##}" text-anchor="{anchor}" font-weight="bold" fill="{colour}">{Escape(series.BestLabel)}</text>""");
        }

        Line(svg, $"""<line x1="{legendX}" x2="{legendX + 22}" y1="{legendY - 4}" y2="{legendY - 4}" stroke="{colour}" stroke-width="3"/><text x="{legendX + 28}" y="{legendY}">{Escape(series.Name)}</text>""");
    }

    /// <summary>Round values at equal distances that enclose a range: at most <paramref name="most"/> + 2 of them, at least two.</summary>
    private static double[] Ticks(double low, double high, int most, bool whole)
    {
        if (high - low < 1e-9)
        {
            (low, high) = (low - 0.5, high + 0.5);
        }

        double raw = (high - low) / most, magnitude = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = magnitude * new[] { 1, 2, 5, 10 }.First(factor => factor * magnitude >= raw * 0.999999);
        step = whole ? Math.Max(1, step) : step;
        double first = Math.Floor((low / step) + 1e-9), last = Math.Ceiling((high / step) - 1e-9);
        return [.. Enumerable.Range(0, (int)(Math.Max(last, first + 1) - first) + 1).Select(i => Math.Round((first + i) * step, 10))];
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(text);

    private static void Line(StringBuilder svg, FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
