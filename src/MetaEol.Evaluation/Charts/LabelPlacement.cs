namespace MetaEol.Evaluation.Charts;

/// <summary>Finds a place for a label beside its point: inside the plot, where the fewest lines run.</summary>
/// <param name="Left">Left border of the plot, in pixels; so are the others.</param>
/// <param name="Top">Upper border.</param>
/// <param name="Right">Right border.</param>
/// <param name="Bottom">Lower border.</param>
internal sealed record LabelPlacement(double Left, double Top, double Right, double Bottom)
{
    /// <summary>Room that a label needs: letters of the chart's font have this width on average, and this height.</summary>
    public const double LetterWidth = 7.4, Height = 17;

    private const double Distance = 11, Margin = 5;

    /// <summary>The upper left corner of a label's box.</summary>
    /// <param name="point">The point that it belongs to.</param>
    /// <param name="width">Its width.</param>
    /// <param name="lines">The chart's lines, as points.</param>
    public (double X, double Y) Find((double X, double Y) point, double width, IReadOnlyList<IReadOnlyList<(double X, double Y)>> lines)
    {
        double[] rows = [point.Y - Distance - Height, point.Y + Distance, point.Y - (2 * Distance) - (2 * Height), point.Y + (2 * Distance) + Height, point.Y - (Height / 2)];
        double[] columns = [point.X - (width / 2), point.X + Distance, point.X - Distance - width];
        return rows
            .SelectMany(y => columns.Select(x => (X: Inside(x, Left + Margin, Right - Margin - width), Y: Inside(y, Top + Margin, Bottom - Margin - Height))))
            .MinBy(box => Crossings(box, width, lines) + (Covers(box, width, point) ? 1000 : 0));
    }

    private static double Inside(double value, double low, double high) => Math.Max(low, Math.Min(value, high));

    private static bool Covers((double X, double Y) box, double width, (double X, double Y) point) =>
        point.X > box.X - Margin && point.X < box.X + width + Margin && point.Y > box.Y - Margin && point.Y < box.Y + Height + Margin;

    /// <summary>Pieces of lines that run through a box; a point in it counts with both of its pieces.</summary>
    private static int Crossings((double X, double Y) box, double width, IReadOnlyList<IReadOnlyList<(double X, double Y)>> lines)
    {
        int crossings = 0;
        foreach (IReadOnlyList<(double X, double Y)> line in lines)
        {
            if (line.Count == 1 && Covers(box, width, line[0]))
            {
                crossings++;
            }

            for (int i = 1; i < line.Count; i++)
            {
                crossings += Crosses(box, width, line[i - 1], line[i]) ? 1 : 0;
            }
        }

        return crossings;
    }

    /// <summary>Whether a piece of a line runs through a box (Liang and Barsky's clipping).</summary>
    private static bool Crosses((double X, double Y) box, double width, (double X, double Y) from, (double X, double Y) to)
    {
        double enter = 0, leave = 1, dx = to.X - from.X, dy = to.Y - from.Y;
        foreach ((double p, double q) in new[] { (-dx, from.X - box.X), (dx, box.X + width - from.X), (-dy, from.Y - box.Y), (dy, box.Y + Height - from.Y) })
        {
            if (p == 0)
            {
                if (q < 0)
                {
                    return false;
                }
            }
            else if (p < 0)
            {
                enter = Math.Max(enter, q / p);
            }
            else
            {
                leave = Math.Min(leave, q / p);
            }
        }

        return enter <= leave;
    }
}
