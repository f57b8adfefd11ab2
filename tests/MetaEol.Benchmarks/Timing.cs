using System.Diagnostics;

namespace MetaEol.Benchmarks;

/// <summary>Times short actions.</summary>
public static class Timing
{
    /// <summary>Seconds of the fastest run, at least three and for at least some milliseconds, after one that does not count.</summary>
    public static double Best(Action action, double milliseconds)
    {
        ArgumentNullException.ThrowIfNull(action);
        action();
        double best = double.MaxValue;
        long start = Stopwatch.GetTimestamp();
        for (int runs = 0; runs < 3 || Stopwatch.GetElapsedTime(start).TotalMilliseconds < milliseconds; runs++)
        {
            long begin = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }

        return best;
    }
}
