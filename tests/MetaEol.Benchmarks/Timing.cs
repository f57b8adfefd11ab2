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

    /// <summary>Seconds of the fastest run of each of several actions, which take turns: what else the machine does meets all alike.</summary>
    public static double[] BestOfEach(IReadOnlyList<Action> actions, double milliseconds)
    {
        ArgumentNullException.ThrowIfNull(actions);
        double[] best = [.. actions.Select(_ => double.MaxValue)];
        long start = Stopwatch.GetTimestamp();
        for (int runs = 0; runs < 4 || Stopwatch.GetElapsedTime(start).TotalMilliseconds < milliseconds; runs++)
        {
            for (int i = 0; i < best.Length; i++)
            {
                long begin = Stopwatch.GetTimestamp();
                actions[i]();
                best[i] = runs == 0 ? best[i] : Math.Min(best[i], Stopwatch.GetElapsedTime(begin).TotalSeconds);
            }
        }

        return best;
    }
}
