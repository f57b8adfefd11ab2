using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using MetaEol.AspNetCore.Load;
using MetaEol.Extensions.Diagnostics;

namespace MetaEol.AspNetCore.Metrics;

/// <summary>Keeps what the meters of this library and of MetaEol.Extensions say, for <c>/metrics</c>.</summary>
internal sealed class MetricsCollector : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly FairGate _gate;

    public MetricsCollector(FairGate gate)
    {
        _gate = gate;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name is ServerTelemetry.Name or MetaEolTelemetry.Name)
            {
                listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(instrument.Name, _ => MetricFamily.Of(instrument)));
            }
        };
        _listener.SetMeasurementEventCallback<int>((_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>Writes everything in Prometheus' text format.</summary>
    public void Write(TextWriter output)
    {
        foreach (MetricFamily family in _families.Values.OrderBy(family => family.Name, StringComparer.Ordinal))
        {
            family.Write(output);
        }

        (int requests, long tokens) = _gate.Waiting;
        MetricFamily.WriteGauge(output, "te_queue_size", "Parts of requests that wait for their turn.", requests);
        MetricFamily.WriteGauge(output, "metaeol_server_waiting_tokens", "Prompt tokens of requests that were taken and not begun.", tokens);
        MetricFamily.WriteGauge(output, "metaeol_server_running_tokens", "Prompt tokens that are given to the generators.", _gate.RunningTokens);
    }

    public void Dispose() => _listener.Dispose();
}
