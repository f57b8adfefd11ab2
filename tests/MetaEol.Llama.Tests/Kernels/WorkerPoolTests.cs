using System.Globalization;
using System.Runtime.InteropServices;
using MetaEol.Llama.Kernels;

namespace MetaEol.Llama.Tests.Kernels;

[Collection(nameof(RunAlone))]
public class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Run_ManyJobs_RunsEveryItemOnceOnAValidWorker(int threads)
    {
        using WorkerPool pool = new(threads);
        for (int job = 0; job < 3000; job++)
        {
            int count = job % 23;
            int[] runs = new int[count];
            int[] inUse = new int[threads];
            pool.Run(count, (item, worker) =>
            {
                Assert.Equal(1, Interlocked.Increment(ref inUse[worker]));
                Interlocked.Increment(ref runs[item]);
                Interlocked.Decrement(ref inUse[worker]);
            });
            Assert.All(runs, n => Assert.Equal(1, n));
        }
    }

    [Fact]
    public void Run_SlowItems_AreSharedOutAmongAllThreads()
    {
        using WorkerPool pool = new(3);
        HashSet<int> threads = [];
        using Barrier barrier = new(3);
        pool.Run(3, (_, _) =>
        {
            Assert.True(barrier.SignalAndWait(TimeSpan.FromSeconds(30)));
            lock (threads)
            {
                threads.Add(Environment.CurrentManagedThreadId);
            }
        });
        Assert.Equal(3, threads.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Run_BodyThrows_CallerGetsTheExceptionAndPoolStaysUsable(int threads)
    {
        using WorkerPool pool = new(threads);
        for (int bad = 0; bad < 20; bad++)
        {
            InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => pool.Run(20, (item, _) =>
            {
                if (item == bad)
                {
                    throw new InvalidOperationException($"item {item}");
                }
            }));
            Assert.Equal($"item {bad}", error.Message);
            int sum = 0;
            pool.Run(10, (item, _) => Interlocked.Add(ref sum, item));
            Assert.Equal(45, sum);
        }
    }

    [Fact]
    public void Run_FromManyThreads_JobsDoNotMix()
    {
        using WorkerPool pool = new(3);
        int running = 0;
        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            long sum = 0;
            pool.Run(9, (item, _) =>
            {
                Interlocked.Increment(ref running);
                Interlocked.Add(ref sum, item + i);
                Interlocked.Decrement(ref running);
            });
            Assert.Equal(36 + (9L * i), sum);
        });
        Assert.Equal(0, running);
    }

    [Fact]
    public void Run_FromInsideABody_RunsOnThatThreadWithItsWorker()
    {
        using WorkerPool pool = new(2);
        int inner = 0;
        pool.Run(4, (_, worker) =>
        {
            int thread = Environment.CurrentManagedThreadId;
            pool.Run(5, (_, innerWorker) =>
            {
                Assert.Equal(worker, innerWorker);
                Assert.Equal(thread, Environment.CurrentManagedThreadId);
                Interlocked.Increment(ref inner);
            });
        });
        Assert.Equal(20, inner);
    }

    [SkippableFact]
    public void Idle_UsesNoProcessor()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Only Linux tells the processor time of a single thread under its own number.");
        using WorkerPool pool = new(4);
        HashSet<int> threads = [];
        pool.Run(64, (worker, _) =>
        {
            Thread.Sleep(1);
            lock (threads)
            {
                threads.Add(SystemThreadId());
            }
        });
        threads.Remove(SystemThreadId());
        Assert.NotEmpty(threads);

        // It spins a little first, and on a busy machine late.
        long Used() => threads.Sum(ProcessorTicks);
        long before = Used();
        for (int look = 0; ; look++)
        {
            Thread.Sleep(400);
            long now = Used();
            if (now == before)
            {
                break;
            }

            Assert.True(look < 20, $"The threads of a pool at rest used {now - before} ticks of processor time in less than a second.");
            before = now;
        }
    }

    [DllImport("libc", EntryPoint = "gettid")]
    private static extern int SystemThreadId();

    private static long ProcessorTicks(int thread)
    {
        // After the name, which may hold spaces: field 3 and on; 14 and 15 are the ticks in the program and in the kernel.
        string[] fields = File.ReadAllText($"/proc/self/task/{thread}/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Dispose_Twice_IsHarmlessAndRunThenThrows()
    {
        WorkerPool pool = new(3);
        pool.Run(3, (_, _) => { });
        pool.Dispose();
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pool.Run(1, (_, _) => { }));
    }
}
