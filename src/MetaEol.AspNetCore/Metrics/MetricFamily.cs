using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace MetaEol.AspNetCore.Metrics;

/// <summary>One instrument's numbers, for each set of tags, as Prometheus' text format has them.</summary>
internal sealed class MetricFamily
{
    private static readonly double[] SecondBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
    private static readonly double[] CountBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 65536, 262144, 1048576];

    // Instruments that mean what Text Embeddings Inference calls so.
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["metaeol.encode.prompts"] = "te_batch_next_size",
        ["metaeol.encode.tokens"] = "te_batch_next_tokens",
    };

    private readonly ConcurrentDictionary<string, MetricSeries> _series = new(StringComparer.Ordinal);
    private readonly string _help;
    private readonly string _type;
    private readonly double[]? _bounds;

    private MetricFamily(string name, string help, string type, double[]? bounds)
    {
        Name = name;
        _help = help;
        _type = type;
        _bounds = bounds;
    }

    public string Name { get; }

    /// <summary>The family of an instrument.</summary>
    public static MetricFamily Of(Instrument instrument)
    {
        Type kind = instrument.GetType().GetGenericTypeDefinition();
        bool histogram = kind == typeof(Histogram<>), gauge = kind == typeof(UpDownCounter<>);
        string name = Names.TryGetValue(instrument.Name, out string? known) ? known : instrument.Name.Replace('.', '_');
        if (name == instrument.Name.Replace('.', '_') && !name.StartsWith("te_", StringComparison.Ordinal))
        {
            name += (histogram, gauge) switch
            {
                (true, _) => instrument.Unit == "s" ? "_seconds" : "",
                (_, true) => "",
                _ => "_total",
            };
        }

        return new MetricFamily(
            name, instrument.Description ?? "", histogram ? "histogram" : gauge ? "gauge" : "counter", histogram ? instrument.Unit == "s" ? SecondBounds : CountBounds : null);
    }

    public static void WriteGauge(TextWriter output, string name, string help, double value)
    {
        WriteHead(output, name, help, "gauge");
        output.Write(string.Create(CultureInfo.InvariantCulture, $"{name} {value}\n"));
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _series.GetOrAdd(Labels(tags), _ => new MetricSeries(_bounds)).Record(value);

    public void Write(TextWriter output)
    {
        if (_series.IsEmpty)
        {
            return;
        }

        WriteHead(output, Name, _help, _type);
        foreach ((string labels, MetricSeries series) in _series.OrderBy(series => series.Key, StringComparer.Ordinal))
        {
            series.Write(output, Name, labels);
        }
    }

    private static void WriteHead(TextWriter output, string name, string help, string type) => output.Write($"# HELP {name} {help}\n# TYPE {name} {type}\n");

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        StringBuilder labels = new();
        foreach ((string name, object? value) in tags)
        {
            string text = (Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")
                .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            labels.Append(labels.Length == 0 ? "" : ",").Append(name.Replace('.', '_')).Append("=\"").Append(text).Append('"');
        }

        return labels.ToString();
    }
}
