namespace MetaEol.Evaluation.Charts;

/// <summary>A line of a chart.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Points">Its points, by rising x; all finite.</param>
/// <param name="BestLabel">The label at its highest point, which is marked; null marks none.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<(double X, double Y)> Points, string? BestLabel = null);
