using System.Threading.Channels;
using MetaEol.Extensions.TorchSharp.Devices;
using Microsoft.Extensions.Logging;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Scheduling;

/// <summary>One thread for each replica of the model. Work waits in one line, and the replica that is free takes the first.</summary>
/// <remarks>
/// Every tensor is made, used and disposed on its replica's thread: TorchSharp's dispose scopes and inference mode belong to a thread, so that neither could be held across an await; and one thread keeps the
/// order of a device's work without locks. A replica whose device is lost is taken out, and the others do its work.
/// </remarks>
/// <typeparam name="TReplica">What a thread makes, uses and disposes.</typeparam>
internal sealed class ReplicaPool<TReplica> : IDisposable
    where TReplica : class, IReplica
{
    private readonly Channel<Work> _waiting = Channel.CreateUnbounded<Work>();
    private readonly Lock _gate = new();
    private readonly ILogger _logger;
    private readonly Thread[] _threads;
    private readonly TReplica?[] _replicas;

    /// <summary>Why replicas were lost. Guarded by the gate.</summary>
    private readonly List<string> _losses = [];
    private volatile bool _disposed;

    /// <summary>Starts the threads and waits until every replica is made.</summary>
    /// <param name="create">Makes a replica, on its thread; at least one.</param>
    /// <param name="logger">Receives the loss of a replica as an error.</param>
    /// <exception cref="Exception">What the making of a replica throws; the others are disposed.</exception>
    public ReplicaPool(IReadOnlyList<Func<TReplica>> create, ILogger logger)
    {
        _logger = logger;
        _replicas = new TReplica?[create.Count];
        var started = new TaskCompletionSource[create.Count];
        _threads = new Thread[create.Count];
        for (int i = 0; i < _threads.Length; i++)
        {
            int index = i;
            started[i] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _threads[i] = new Thread(() => RunAll(index, create[index], started[index])) { IsBackground = true, Name = $"MetaEol libtorch {i}" };
            _threads[i].Start();
        }

        try
        {
            Task.WhenAll(started.Select(start => start.Task)).GetAwaiter().GetResult();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The replicas that were made; what belongs to a device is for work alone.</summary>
    public IReadOnlyList<TReplica> Replicas => _replicas!;

    /// <summary>What became of lost replicas, a sentence each, and how many are left.</summary>
    public (IReadOnlyList<string> Losses, int Left) State
    {
        get
        {
            lock (_gate)
            {
                return ([.. _losses], _replicas.Length - _losses.Count);
            }
        }
    }

    /// <summary>Runs work on the replica that is free first; the caller waits, and leaves at once when it is cancelled.</summary>
    /// <param name="work">Gets the replica, and what to call before each unit of work: it throws if nobody waits for the result any more. Begun again on another replica where one is lost.</param>
    /// <param name="cancellation">The caller's token.</param>
    /// <exception cref="ObjectDisposedException">The pool is disposed, or becomes so before the work is done.</exception>
    /// <exception cref="InvalidOperationException">No replica is left.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public void Run(Action<TReplica, Action> work, CancellationToken cancellation)
    {
        var waiting = new Work(work, cancellation);
        if (!_waiting.Writer.TryWrite(waiting))
        {
            throw Closed();
        }

        waiting.Done.WaitAsync(cancellation).GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        _disposed = true;
        _waiting.Writer.TryComplete();
        Array.ForEach(_threads, thread => thread.Join());
        while (_waiting.Reader.TryRead(out Work? work))
        {
            work.Fail(Closed());
        }
    }

    private Exception Closed()
    {
        if (_disposed)
        {
            return new ObjectDisposedException(nameof(TorchSharpPromptEncoder));
        }

        return new InvalidOperationException($"No device is left to compute on: {string.Join(" ", State.Losses)} Restart the application when they work again.");
    }

    private void RunAll(int index, Func<TReplica> create, TaskCompletionSource started)
    {
        TReplica replica;
        try
        {
            _replicas[index] = replica = create();
        }
        catch (Exception exception)
        {
            started.SetException(exception);
            return;
        }

        // Only now: without libtorch, this would be where the process learned of it.
        using IDisposable noGradients = torch.inference_mode();
        using (replica)
        {
            started.SetResult();
            foreach (Work work in _waiting.Reader.ReadAllAsync().ToBlockingEnumerable())
            {
                if (!Attempt(work, replica))
                {
                    return;
                }
            }
        }
    }

    /// <summary>Does work; false if the replica was lost by it.</summary>
    private bool Attempt(Work work, TReplica replica)
    {
        try
        {
            Checkpoint();
            work.Run(replica, Checkpoint);
            work.Succeed();
            return true;
        }
        catch (Exception exception) when (exception is OperationCanceledException || _disposed || !replica.IsLost(exception))
        {
            // Whatever it is, it belongs to the caller; the thread goes on.
            work.Fail(exception);
            return true;
        }
        catch (Exception exception)
        {
            TakeOut(work, replica, exception);
            return false;
        }

        void Checkpoint()
        {
            if (_disposed)
            {
                throw Closed();
            }

            work.Cancellation.ThrowIfCancellationRequested();
        }
    }

    private void TakeOut(Work work, TReplica replica, Exception exception)
    {
        string reason = TorchDevices.ReasonOf(exception);
        int left;
        lock (_gate)
        {
            _losses.Add($"{replica.Name} was lost: {reason}");
            left = _replicas.Length - _losses.Count;
        }

        TorchLog.DeviceLost(_logger, replica.Name, left, reason);
        if (left == 0)
        {
            _waiting.Writer.TryComplete();
        }

        if (!_waiting.Writer.TryWrite(work))
        {
            work.Fail(Closed());
        }

        while (left == 0 && _waiting.Reader.TryRead(out Work? next))
        {
            next.Fail(Closed());
        }
    }

    /// <summary>What a caller waits for.</summary>
    private sealed class Work(Action<TReplica, Action> work, CancellationToken cancellation)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationToken Cancellation => cancellation;

        public Task Done => _done.Task;

        public void Run(TReplica replica, Action checkpoint) => work(replica, checkpoint);

        public void Succeed() => _done.SetResult();

        public void Fail(Exception exception)
        {
            // One that has left does not see it, and it is no unobserved exception for that.
            _done.SetException(exception);
            _ = _done.Task.Exception;
        }
    }
}
