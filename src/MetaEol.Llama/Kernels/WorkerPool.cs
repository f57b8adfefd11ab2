namespace MetaEol.Llama.Kernels;

/// <summary>A fixed set of threads that share out the items of one job at a time; the caller is one of them.</summary>
internal sealed class WorkerPool : IDisposable
{
    private readonly ParallelOptions _options;

    public WorkerPool(int threads)
    {
        Threads = threads;
        _options = new ParallelOptions { MaxDegreeOfParallelism = threads };
    }

    /// <summary>Number of threads, the caller included.</summary>
    public int Threads { get; }

    /// <summary>Runs <paramref name="body"/>(item, worker) for every item in 0 .. count - 1, each on one of the workers 0 .. Threads - 1, and returns when all are done.</summary>
    public void Run(int count, Action<int, int> body)
    {
        if (Threads == 1 || count <= 1)
        {
            for (int i = 0; i < count; i++)
            {
                body(i, 0);
            }

            return;
        }

        int workers = Math.Min(Threads, count);
        int next = -1;
        Parallel.For(0, workers, _options, worker =>
        {
            int item;
            while ((item = Interlocked.Increment(ref next)) < count)
            {
                body(item, worker);
            }
        });
    }

    public void Dispose()
    {
    }
}
