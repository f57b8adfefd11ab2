using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace MetaEol.Llama.Kernels;

/// <summary>A fixed set of threads that share out the items of one job at a time; the caller is one of them.</summary>
/// <remarks>
/// Workers look for the next job for some microseconds before they sleep, because the products of a layer follow one another closely; idle, they use no processor. The caller
/// never waits for a worker that has not taken an item yet, so a machine busy with other work delays a job only by the items that really run there.
/// </remarks>
internal sealed unsafe class WorkerPool : IDisposable
{
    /// <summary>Most threads of a pool.</summary>
    public const int MaximumThreads = 1024;

    private static readonly long SpinTicks = Stopwatch.Frequency / 20_000;

    [ThreadStatic]
    private static int _workerPlusOne;

    private readonly Lock _gate = new();
    private readonly Thread[] _threads;
    private readonly SemaphoreSlim[] _wake;
    private readonly int[] _asleep;
    private readonly nint[] _scratch;
    private readonly nuint[] _scratchBytes;
    private readonly ManualResetEventSlim _finished = new(false, 0);

    /// <summary>Number of the job in the upper half, its items not yet taken in the lower: one exchange takes an item of exactly the job that was looked at.</summary>
    private long _ticket;
    private int _count;
    private int _done;
    private Action<int, int>? _body;
    private ExceptionDispatchInfo? _failure;
    private NativeBuffer? _spare;
    private volatile bool _stopping;

    public WorkerPool(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, MaximumThreads);
        Threads = threads;
        _scratch = new nint[threads];
        _scratchBytes = new nuint[threads];
        _threads = new Thread[threads - 1];
        _wake = new SemaphoreSlim[threads - 1];
        _asleep = new int[threads - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            int index = i;
            _wake[i] = new SemaphoreSlim(0);
            _threads[i] = new Thread(() => Work(index)) { IsBackground = true, Name = $"MetaEol worker {i + 1}" };
            _threads[i].Start();
        }
    }

    /// <summary>Number of threads, the caller included.</summary>
    public int Threads { get; }

    /// <summary>
    /// Runs <paramref name="body"/>(item, worker) for every item in 0 .. count - 1, each on one of the workers 0 .. Threads - 1, and returns when all are done.
    /// Calls from several threads run one after another; a call from inside a body runs on that body's thread alone.
    /// </summary>
    /// <remarks>The first exception of a body is thrown here; items not yet begun are then left out.</remarks>
    /// <exception cref="ObjectDisposedException">The pool is disposed.</exception>
    public void Run(int count, Action<int, int> body)
    {
        if (_workerPlusOne != 0)
        {
            RunAlone(count, body, _workerPlusOne - 1);
            return;
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            _workerPlusOne = 1;
            try
            {
                if (Threads == 1 || count <= 1)
                {
                    RunAlone(count, body, 0);
                }
                else
                {
                    RunTogether(count, body);
                }
            }
            finally
            {
                _workerPlusOne = 0;
            }
        }
    }

    /// <summary>Memory of one worker, aligned to 64 bytes, for the time of one item; its content is arbitrary.</summary>
    public byte* Scratch(int worker, nuint bytes)
    {
        if (_scratchBytes[worker] < bytes)
        {
            NativeMemory.AlignedFree((void*)_scratch[worker]);
            _scratch[worker] = 0;
            _scratchBytes[worker] = 0;
            _scratch[worker] = (nint)NativeMemory.AlignedAlloc(bytes, 64);
            _scratchBytes[worker] = bytes;
        }

        return (byte*)_scratch[worker];
    }

    /// <summary>Takes memory for the time of one product; <see cref="Return"/> keeps it for the next.</summary>
    public NativeBuffer Rent(nuint bytes)
    {
        NativeBuffer? spare = Interlocked.Exchange(ref _spare, null);
        if (spare is not null && spare.Bytes >= bytes)
        {
            return spare;
        }

        spare?.Dispose();
        return new NativeBuffer(bytes);
    }

    /// <summary>Gives rented memory back.</summary>
    public void Return(NativeBuffer buffer) => Interlocked.Exchange(ref _spare, buffer)?.Dispose();

    /// <summary>Ends the threads, after the job that may be running.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopping)
            {
                return;
            }

            _stopping = true;
            for (int i = 0; i < _threads.Length; i++)
            {
                _wake[i].Release();
                _threads[i].Join();
                _wake[i].Dispose();
            }

            _finished.Dispose();
            Interlocked.Exchange(ref _spare, null)?.Dispose();
            foreach (nint scratch in _scratch)
            {
                NativeMemory.AlignedFree((void*)scratch);
            }
        }
    }

    private static void RunAlone(int count, Action<int, int> body, int worker)
    {
        for (int i = 0; i < count; i++)
        {
            body(i, worker);
        }
    }

    private void RunTogether(int count, Action<int, int> body)
    {
        _body = body;
        _count = count;
        _done = 0;
        _failure = null;
        long job = (Volatile.Read(ref _ticket) >>> 32) + 1;
        Interlocked.Exchange(ref _ticket, (job << 32) | (uint)count);
        int helpers = Math.Min(_threads.Length, count - 1);
        for (int i = 0; i < helpers; i++)
        {
            if (Interlocked.Exchange(ref _asleep[i], 0) == 1)
            {
                _wake[i].Release();
            }
        }

        TakeItems(0);
        long deadline = SpinDeadline();
        while (Volatile.Read(ref _done) != count)
        {
            if (Stopwatch.GetTimestamp() < deadline)
            {
                Thread.SpinWait(8);
                continue;
            }

            // The event may still be set by the worker that finished an earlier job; then the loop looks again.
            _finished.Wait();
            _finished.Reset();
        }

        _body = null;
        _failure?.Throw();
    }

    private void TakeItems(int worker)
    {
        long ticket = Volatile.Read(ref _ticket);
        while ((uint)ticket != 0)
        {
            long found = Interlocked.CompareExchange(ref _ticket, ticket - 1, ticket);
            if (found != ticket)
            {
                ticket = found;
                continue;
            }

            // The item is ours, so its job cannot end before we count it: the fields are this job's.
            int count = _count;
            try
            {
                if (Volatile.Read(ref _failure) is null)
                {
                    _body!(count - (int)(uint)ticket, worker);
                }
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
            }

            if (Interlocked.Increment(ref _done) == count)
            {
                _finished.Set();
            }

            ticket = Volatile.Read(ref _ticket);
        }
    }

    private void Work(int index)
    {
        _workerPlusOne = index + 2;
        long job = 0;
        while (WaitForJob(index, ref job))
        {
            TakeItems(index + 1);
        }
    }

    /// <summary>Returns true when a job later than <paramref name="job"/> has begun, false when the pool stops.</summary>
    private bool WaitForJob(int index, ref long job)
    {
        long deadline = SpinDeadline();
        while (!_stopping)
        {
            long current = Volatile.Read(ref _ticket) >>> 32;
            if (current != job)
            {
                job = current;
                return true;
            }

            if (Stopwatch.GetTimestamp() < deadline)
            {
                Thread.SpinWait(8);
                continue;
            }

            // Whoever starts a job from here on sees the flag and releases us; a job started just before is found by looking once more.
            Interlocked.Exchange(ref _asleep[index], 1);
            bool missed = _stopping || Volatile.Read(ref _ticket) >>> 32 != job;
            if (!missed || Interlocked.Exchange(ref _asleep[index], 0) == 0)
            {
                _wake[index].Wait();
            }
        }

        return false;
    }

    private long SpinDeadline() => Threads <= Environment.ProcessorCount ? Stopwatch.GetTimestamp() + SpinTicks : 0;
}
