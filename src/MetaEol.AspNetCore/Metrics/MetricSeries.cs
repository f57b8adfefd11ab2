using System.Globalization;

namespace MetaEol.AspNetCore.Metrics;

/// <summary>The numbers of one instrument with one set of tags.</summary>
internal sealed class MetricSeries(double[]? bounds)
{
    private readonly Lock _gate = new();
    private readonly long[] _counts = new long[bounds?.Length ?? 0];
    private double _sum;
    private long _count;

    public void Record(double value)
    {
        lock (_gate)
        {
            _sum += value;
            _count++;
            int bucket = Array.FindIndex(bounds ?? [], bound => value <= bound);
            if (bucket >= 0)
            {
                _counts[bucket]++;
            }
        }
    }

    public void Write(TextWriter output, string name, string labels)
    {
        lock (_gate)
        {
            string all = labels.Length > 0 ? $"{{{labels}}}" : "";
            if (bounds is null)
            {
                output.Write(string.Create(CultureInfo.InvariantCulture, $"{name}{all} {_sum}\n"));
                return;
            }

            string before = labels.Length > 0 ? labels + "," : "";
            long below = 0;
            for (int i = 0; i < bounds.Length; i++)
            {
                below += _counts[i];
                output.Write(string.Create(CultureInfo.InvariantCulture, $"{name}_bucket{{{before}le=\"{bounds[i]}\"}} {below}\n"));
            }

            output.Write(string.Create(CultureInfo.InvariantCulture, $"{name}_bucket{{{before}le=\"+Inf\"}} {_count}\n{name}_sum{all} {_sum}\n{name}_count{all} {_count}\n"));
        }
    }
}
