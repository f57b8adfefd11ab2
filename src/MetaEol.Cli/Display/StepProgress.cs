using System.Globalization;

namespace MetaEol.Cli.Display;

/// <summary>How far a step is, how fast it goes, and how long it will take: the last two from the same time and the same work, so that they never contradict each other.</summary>
internal sealed class StepProgress(TimeProvider time, double done, double units)
{
    private const double ShortestSeconds = 0.5;
    private readonly long _started = time.GetTimestamp();
    private readonly (double Done, double Units) _first = (done, units);

    public double Done { get; private set; } = done;

    /// <summary>Where it ends; 0 if that is not known.</summary>
    public double Total { get; private set; }

    public double Units { get; private set; } = units;

    public void Set(double done, double total, double units)
    {
        (Done, Total, Units) = (done, total, units);
        Elapsed = time.GetElapsedTime(_started).TotalSeconds;
    }

    /// <summary>Seconds from the first report to the last: what was done before it is not counted, nor is the time that passes while nothing is reported.</summary>
    private double Elapsed { get; set; }

    /// <summary>Rate and time left, for people; empty as long as there is too little to tell.</summary>
    /// <param name="unit">What is counted; <c>B</c> gives megabytes.</param>
    public string Speed(string unit)
    {
        if (Elapsed < ShortestSeconds || Done <= _first.Done)
        {
            return string.Empty;
        }

        double rate = (Units - _first.Units) / Elapsed, left = (Total - Done) * Elapsed / (Done - _first.Done);
        string speed = unit.Length == 0 ? string.Empty
            : unit == "B" ? string.Create(CultureInfo.InvariantCulture, $"{rate / 1e6:0.0} MB/s")
            : $"{rate.ToString(rate >= 10 ? "0" : rate >= 0.1 ? "0.0" : "0.000", CultureInfo.InvariantCulture)} {unit}/s";
        return Total <= 0 ? speed : speed.Length == 0 ? $"{Duration(left)} left" : $"{speed}, {Duration(left)} left";
    }

    /// <summary>A time in the two units that matter: <c>45 s</c>, <c>3 min 20 s</c>, <c>2 h 5 min</c>, <c>3 d 4 h</c>.</summary>
    public static string Duration(double seconds)
    {
        TimeSpan time = TimeSpan.FromSeconds(Math.Min(Math.Ceiling(Math.Max(0, seconds)), 1e9));
        return time switch
        {
            { TotalSeconds: < 60 } => Invariant($"{time.Seconds} s"),
            { TotalMinutes: < 60 } => Invariant($"{time.Minutes} min{(time.Seconds > 0 ? $" {time.Seconds} s" : string.Empty)}"),
            { TotalHours: < 24 } => Invariant($"{time.Hours} h{(time.Minutes > 0 ? $" {time.Minutes} min" : string.Empty)}"),
            _ => Invariant($"{time.Days} d{(time.Hours > 0 ? $" {time.Hours} h" : string.Empty)}"),
        };
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
