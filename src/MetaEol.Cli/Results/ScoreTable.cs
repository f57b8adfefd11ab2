using System.Globalization;
using MetaEol.Cli.Display;

namespace MetaEol.Cli.Results;

/// <summary>Scores by task, with their average: the shape of the paper's tables.</summary>
internal sealed class ScoreTable(IReadOnlyList<string> tasks)
{
    private readonly List<(string Name, IReadOnlyList<double> Scores, double Average, bool Best)> _rows = [];

    public void Add(string name, IReadOnlyList<double> scores, bool best = false) => _rows.Add((name, scores, scores.Average(), best));

    /// <summary>A score with two digits; a dash where it is not defined, as for token embeddings, which are the same for every text.</summary>
    public static string Format(double score) => double.IsFinite(score) ? score.ToString("0.00", CultureInfo.InvariantCulture) : "–";

    public void Write(Terminal terminal, string title, string heading = "")
    {
        ResultTable table = tasks.Append("Avg.").Aggregate(new ResultTable().Text(heading), (so, task) => so.Number(task));
        foreach ((string name, IReadOnlyList<double> scores, double average, bool best) in _rows)
        {
            string? style = best ? "bold green" : null;
            table.Row([Cell.Of(best ? $"{name} ◂ best" : name, style), .. scores.Append(average).Select(score => Cell.Of(Format(score), style))]);
        }

        table.Write(terminal, title);
    }

    /// <summary>The same as CSV, RFC 4180.</summary>
    public void WriteCsv(TextWriter writer, string heading)
    {
        writer.Write($"{string.Join(',', new[] { heading }.Concat(tasks).Append("average").Select(Escape))}\n");
        foreach ((string name, IReadOnlyList<double> scores, double average, bool _) in _rows)
        {
            writer.Write($"{Escape(name)},{string.Join(',', scores.Append(average).Select(score => double.IsFinite(score) ? score.ToString("R", CultureInfo.InvariantCulture) : string.Empty))}\n");
        }
    }

    private static string Escape(string text) => text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
