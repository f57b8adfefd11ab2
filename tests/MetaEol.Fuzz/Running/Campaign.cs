using System.Diagnostics;

namespace MetaEol.Fuzz.Running;

/// <summary>Runs a target's inputs for some time, in a process of their own, and makes those that do something wrong small.</summary>
internal static class Campaign
{
    // Each costs a new process or a round of minimising: what has so many causes wants mending first.
    private const int MostCauses = 20;
    private const int MostFindings = 200;

    /// <summary>Runs a target.</summary>
    /// <param name="name">The target's name.</param>
    /// <param name="seed">The seed of its inputs.</param>
    /// <param name="time">How long.</param>
    /// <param name="inputs">Most inputs.</param>
    /// <param name="patience">How long an input is made smaller.</param>
    public static TargetReport Run(string name, int seed, TimeSpan time, long inputs, TimeSpan patience)
    {
        using FuzzTarget target = FuzzTargets.Create(name);
        using WorkerProcess worker = new(target, seed);
        var found = new List<FoundInput>();
        var watch = Stopwatch.StartNew();
        long next = 0;
        int findings = 0;
        for (int batch = 16; next < inputs && watch.Elapsed < time && found.Count < MostCauses && findings < MostFindings;)
        {
            long started = watch.ElapsedMilliseconds;
            (int done, Finding? finding) = worker.Run(next, (int)Math.Min(batch, inputs - next));
            next += done;
            if (finding is null)
            {
                // Batches of about a second, so that the time is kept.
                long elapsed = watch.ElapsedMilliseconds - started;
                batch = (int)Math.Clamp(batch * 1000L / Math.Max(elapsed, 1), 16, 2 * batch);
                continue;
            }

            findings++;
            int known = found.FindIndex(item => item.Finding.IsLike(finding));
            if (known >= 0)
            {
                found[known] = found[known] with { Times = found[known].Times + 1 };
                continue;
            }

            // The time is for new inputs.
            watch.Stop();
            byte[] input = target.Create(new FuzzRandom(name, seed, next - 1));
            found.Add(new FoundInput(next - 1, finding, Minimizer.Minimize(input, candidate => finding.IsLike(worker.Run(candidate)), patience), 1));
            watch.Start();
        }

        return new TargetReport(name, next, watch.Elapsed, found);
    }
}
