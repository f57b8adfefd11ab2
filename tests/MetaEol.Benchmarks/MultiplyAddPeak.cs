using System.Diagnostics;
using System.Runtime.CompilerServices;
using MetaEol.Llama.Kernels;

namespace MetaEol.Benchmarks;

/// <summary>The machine's multiply-add peak: independent chains of fused multiply-adds that touch no memory.</summary>
internal static class MultiplyAddPeak
{
    private const int Steps = 100_000;
    private const int Chains = 12;

    /// <summary>Operations (a multiply-add is two) per second of all threads together, at the vector width the kernels use here.</summary>
    public static double Measure(WorkerPool pool, TimeSpan time)
    {
        Job job = default;
        VectorWidths.Run(VectorWidths.Best, ref job);
        int items = 8 * pool.Threads;
        double best = 0;
        long end = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        do
        {
            long start = Stopwatch.GetTimestamp();
            pool.Run(items, job.Body);
            best = Math.Max(best, 2.0 * job.Lanes * Chains * Steps * items / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        while (Stopwatch.GetTimestamp() < end);
        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static TVector Run<TVector, TSimd>()
        where TVector : struct
        where TSimd : struct, ISimd<TVector>
    {
        TVector factor = TSimd.Broadcast(0.999f), addend = TSimd.Broadcast(0.001f);
        TVector a = factor, b = factor, c = factor, d = factor, e = factor, f = factor, g = factor, h = factor, i = factor, j = factor, k = factor, l = factor;
        for (int step = 0; step < Steps; step++)
        {
            a = TSimd.MultiplyAdd(a, factor, addend);
            b = TSimd.MultiplyAdd(b, factor, addend);
            c = TSimd.MultiplyAdd(c, factor, addend);
            d = TSimd.MultiplyAdd(d, factor, addend);
            e = TSimd.MultiplyAdd(e, factor, addend);
            f = TSimd.MultiplyAdd(f, factor, addend);
            g = TSimd.MultiplyAdd(g, factor, addend);
            h = TSimd.MultiplyAdd(h, factor, addend);
            i = TSimd.MultiplyAdd(i, factor, addend);
            j = TSimd.MultiplyAdd(j, factor, addend);
            k = TSimd.MultiplyAdd(k, factor, addend);
            l = TSimd.MultiplyAdd(l, factor, addend);
        }

        return TSimd.Add(TSimd.Add(TSimd.Add(TSimd.Add(a, b), TSimd.Add(c, d)), TSimd.Add(TSimd.Add(e, f), TSimd.Add(g, h))), TSimd.Add(TSimd.Add(i, j), TSimd.Add(k, l)));
    }

    private struct Job : IVectorJob
    {
        public Action<int, int> Body { get; private set; }

        public int Lanes { get; private set; }

        public void Run<TVector, TSimd>()
            where TVector : struct
            where TSimd : struct, IVectorMath<TVector>
        {
            Body = static (_, _) => MultiplyAddPeak.Run<TVector, TSimd>();
            Lanes = TSimd.Lanes;
        }
    }
}
