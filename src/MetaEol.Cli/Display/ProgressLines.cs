using System.Globalization;

namespace MetaEol.Cli.Display;

/// <summary>Progress where there is no terminal, as in a log: a line every now and then, none for what is over soon.</summary>
internal sealed class ProgressLines(TextWriter writer, string unit, TimeProvider time)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private long _printed = time.GetTimestamp();

    public string Unit { get; } = unit;

    public TimeProvider Time { get; } = time;

    public void Report(string step, StepProgress progress)
    {
        if (Time.GetElapsedTime(_printed) < Interval)
        {
            return;
        }

        _printed = Time.GetTimestamp();
        string units = Unit == "B" ? string.Create(CultureInfo.InvariantCulture, $"{progress.Units / 1e6:0.0} MB")
            : string.Create(CultureInfo.InvariantCulture, $"{progress.Units:0}{(Unit.Length == 0 ? string.Empty : " ")}{Unit}");
        string share = progress.Total > 0 ? string.Create(CultureInfo.InvariantCulture, $" ({Math.Floor(100 * progress.Done / progress.Total):0} %)") : string.Empty;
        string speed = progress.Speed(Unit);
        writer.WriteLine(Printable.Line($"{step}: {units}{share}{(speed.Length == 0 ? string.Empty : $", {speed}")}"));
    }
}
