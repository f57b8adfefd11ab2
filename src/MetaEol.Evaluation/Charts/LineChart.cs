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
    private const double Width = 760, Left = 78, Right = 24, Top = 48, Floor = 348;
    private const int LegendColumns = 3, LongestTitle = 88, LongestName = 28;

    /// <summary>The chart as a whole SVG document.</summary>
    /// <exception cref="InvalidOperationException">There is no point, or one is not finite.</exception>
    public string ToSvg()
    {
        (double X, double Y)[] points = [.. Series.SelectMany(series => series.Points)];
        if (points.Length == 0 || points.Any(point => !double.IsFinite(point.X) || !double.IsFinite(point.Y)))
        {
            throw new InvalidOperationException("A chart needs at least one point, and all of them finite.");
        }

        double low = points.Min(point => point.Y), high = points.Max(point => point.Y);
        double[] xTicks = Ticks(points.Min(point => point.X), points.Max(point => point.X), 12, whole: points.All(point => point.X == Math.Floor(point.X)));

        // Where a point is marked, its label needs room above it.
        double[] yTicks = Ticks(low, Series.Any(series => series.BestLabel is not null) ? high + (0.1 * (high - low)) : high, 8, whole: false);
        double X(double x) => Left + ((x - xTicks[0]) / (xTicks[^1] - xTicks[0]) * (Width - Left - Right));
        double Y(double y) => Floor - ((y - yTicks[0]) / (yTicks[^1] - yTicks[0]) * (Floor - Top));

        double legend = Floor + 66, note = legend + (18 * ((Series.Count + LegendColumns - 1) / LegendColumns)), height = note + 14;
        StringBuilder svg = new();
        Line(svg, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" width="{Width}" height="{height}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="{Escape(Title)}">""");
        Line(svg, $"""<rect width="{Width}" height="{height}" fill="white"/>""");
        Line(svg, $"""<text x="{Width / 2}" y="26" font-size="16" text-anchor="middle">{Escape(Cut(Title, LongestTitle))}</text>""");
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
        Line(svg, $"""<text transform="translate(18 {(Top + Floor) / 2}) rotate(-90)" text-anchor="middle">{Escape(YLabel)}</text>""");
        for (int i = 0; i < Series.Count; i++)
        {
            AppendSeries(svg, Series[i], SeriesStyle.Of(i), Left + (i % LegendColumns * 225), legend + (i / LegendColumns * 18), X, Y);
        }

        AppendLabels(svg, X, Y);
        if (yTicks[0] > 0 || yTicks[^1] < 0)
        {
            AppendTruncation(svg, yTicks[0], high - low, note);
        }

        svg.Append("</svg>\n");
        return svg.ToString();
    }

    private static void AppendSeries(StringBuilder svg, ChartSeries series, SeriesStyle style, double legendX, double legendY, Func<double, double> x, Func<double, double> y)
    {
        string points = string.Join(' ', series.Points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{x(point.X):0.##},{y(point.Y):0.##}")));
        Line(svg, $"""<polyline points="{points}" fill="none" {style.Stroke} stroke-width="2"/>""");
        foreach ((double X, double Y) point in series.Points)
        {
            Line(svg, $"{style.Marker(x(point.X), y(point.Y), string.Create(CultureInfo.InvariantCulture, $"{point.X:0.###}: {point.Y:0.00}"))}");
        }

        string name = Cut(series.Name, LongestName);
        Line(svg, $"""<line x1="{legendX}" x2="{legendX + 34}" y1="{legendY - 4}" y2="{legendY - 4}" {style.Stroke} stroke-width="2"/>{style.Marker(legendX + 17, legendY - 4, null)}<text x="{legendX + 40}" y="{legendY}">{Escape(name)}</text>""");
    }

    /// <summary>Marks the best points, above all lines, with their labels where no line strikes them through.</summary>
    private void AppendLabels(StringBuilder svg, Func<double, double> x, Func<double, double> y)
    {
        IReadOnlyList<(double X, double Y)>[] lines = [.. Series.Select(series => series.Points.Select(point => (x(point.X), y(point.Y))).ToArray())];
        LabelPlacement placement = new(Left, Top, Width - Right, Floor);
        for (int i = 0; i < Series.Count; i++)
        {
            if (Series[i].BestLabel is not { } label || Series[i].Points.Count == 0)
            {
                continue;
            }

            (double X, double Y) best = lines[i][Series[i].Points.Index().MaxBy(point => point.Item.Y).Index];
            double width = label.Length * LabelPlacement.LetterWidth;
            (double boxX, double boxY) = placement.Find(best, width, lines);
            string colour = SeriesStyle.Of(i).Colour;
            Line(svg, $"""<circle cx="{best.X:0.##}" cy="{best.Y:0.##}" r="7" fill="none" stroke="{colour}" stroke-width="2"/>""");
            Line(svg, $"""<rect x="{boxX:0.##}" y="{boxY:0.##}" width="{width:0.##}" height="{LabelPlacement.Height}" rx="3" fill="white" fill-opacity="0.9"/><text x="{boxX + (width / 2):0.##}" y="{boxY + 13:0.##}" text-anchor="middle" font-weight="bold" fill="{colour}">{Escape(label)}</text>""");
        }
    }

    /// <summary>Says that the axis of values does not begin at 0, where differences look larger than they are, and how large they are.</summary>
    private static void AppendTruncation(StringBuilder svg, double first, double range, double y)
    {
        Line(svg, $"""<path d="M{Left - 5} {Floor - 6}l10 -5M{Left - 5} {Floor - 11}l10 -5" stroke="#444" fill="none"/>""");
        Line(svg, $"""<text x="{Left}" y="{y + 4}" font-size="12" fill="#555">The vertical axis begins at {first:0.######}, not at 0. All values lie within {(range < 0.01 ? Math.Round(range, 6) : Math.Round(range, 2)):0.######}.</text>""");
    }

    private static string Cut(string text, int longest) => text.Length <= longest ? text : $"{text.AsSpan(0, longest - 1)}…";

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

    /// <summary>Text for XML, which has no way to write control characters and halves of surrogate pairs.</summary>
    private static string Escape(string text) =>
        WebUtility.HtmlEncode(string.Concat(text.EnumerateRunes().Select(rune => rune.Value is < 0x20 or (>= 0x7F and <= 0x9F) or 0xFFFE or 0xFFFF ? Rune.ReplacementChar : rune)));

    private static void Line(StringBuilder svg, FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
