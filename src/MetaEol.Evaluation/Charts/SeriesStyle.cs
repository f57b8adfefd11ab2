using System.Globalization;

namespace MetaEol.Evaluation.Charts;

/// <summary>How a line looks: colour, dashes and the shape of its points, of which no two of the first 56 lines have all in common, nor two of the first eight any colour or shape.</summary>
internal readonly record struct SeriesStyle(string Colour, string Dashes, int Shape)
{
    private const double Size = 3.4;

    // Okabe and Ito's colours, which people with any colour vision can tell apart; a grey in place of their yellow, which is too pale on white.
    private static readonly string[] Colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#7F7F7F"];
    private static readonly string[] DashPatterns = ["none", "8 4", "2 3", "10 3 2 3", "5 2", "12 3 2 3 2 3", "1 4"];

    public static SeriesStyle Of(int series) => new(Colours[series % Colours.Length], DashPatterns[series % DashPatterns.Length], series % Colours.Length);

    /// <summary>The attributes of the line.</summary>
    public string Stroke => Dashes == "none" ? $"stroke=\"{Colour}\"" : $"stroke=\"{Colour}\" stroke-dasharray=\"{Dashes}\"";

    /// <summary>The element of a point: disc, square, triangle, diamond, or one of the same four hollow.</summary>
    /// <param name="x">Its centre.</param>
    /// <param name="y">Its centre.</param>
    /// <param name="title">What it says to whoever points at it, or to a screen reader; null for a point of the legend, which is no datum.</param>
    public string Marker(double x, double y, string? title)
    {
        string fill = Shape < 4 ? Colour : "white", text = title is null ? string.Empty : $"<title>{title}</title>";
        string paint = string.Create(CultureInfo.InvariantCulture, $"fill=\"{fill}\" stroke=\"{Colour}\" stroke-width=\"{(Shape < 4 ? 0 : 1.6)}\"");
        FormattableString element = (Shape % 4) switch
        {
            0 when title is null => $"<ellipse cx=\"{x:0.##}\" cy=\"{y:0.##}\" rx=\"3\" ry=\"3\" {paint}/>",
            0 => $"<circle cx=\"{x:0.##}\" cy=\"{y:0.##}\" r=\"3\" {paint}>{text}</circle>",
            1 => $"<rect x=\"{x - Size + 0.4:0.##}\" y=\"{y - Size + 0.4:0.##}\" width=\"{(2 * Size) - 0.8:0.##}\" height=\"{(2 * Size) - 0.8:0.##}\" {paint}>{text}</rect>",
            2 => $"<path d=\"M{x:0.##} {y - Size - 0.6:0.##}L{x + Size + 0.4:0.##} {y + Size:0.##}H{x - Size - 0.4:0.##}Z\" {paint}>{text}</path>",
            _ => $"<path d=\"M{x:0.##} {y - Size - 0.8:0.##}L{x + Size + 0.8:0.##} {y:0.##}L{x:0.##} {y + Size + 0.8:0.##}L{x - Size - 0.8:0.##} {y:0.##}Z\" {paint}>{text}</path>",
        };
        return element.ToString(CultureInfo.InvariantCulture);
    }
}
