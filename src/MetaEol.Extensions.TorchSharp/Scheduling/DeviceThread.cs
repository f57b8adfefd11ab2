using System.Threading.Channels;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Scheduling;

/// <summary>The one thread that touches the device: every tensor is made, used and disposed on it.</summary>
/// <remarks>
/// TorchSharp's dispose scopes and inference mode belong to a thread, so that neither could be held across an await; and one thread keeps the order of the
/// device's work without locks.
/// </remarks>
/// <typeparam name="TState">What the thread makes, uses and disposes.</typeparam>
internal sealed class DeviceThread<TState> : IDisposable
    where TState : class, IDisposable
{
    private readonly Channel<Action<TState>> _waiting = Channel.CreateUnbounded<Action<TState>>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<TState> _create;
    private readonly Thread _thread;
    private TState? _state;
    private volatile bool _disposed;

    /// <summary>Starts the thread and waits until its state is made.</summary>
    /// <param name="create">Makes the state.</param>
    public DeviceThread(Func<TState> create)
    {
        _create = create;
        _thread = new Thread(RunAll) { IsBackground = true, Name = "MetaEol libtorch" };
        _thread.Start();
        _started.Task.GetAwaiter().GetResult();
    }

    /// <summary>The state; what belongs to the device is for work alone.</summary>
    public TState State => _state!;

    /// <summary>Runs work on the thread; the caller waits, and leaves at once when it is cancelled.</summary>
    /// <param name="work">Gets the state, and what to call before each unit of work: it throws if nobody waits for the result any more.</param>
    /// <param name="cancellation">The caller's token.</param>
    /// <exception cref="ObjectDisposedException">The thread has ended, or ends before the work is done.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public void Run(Action<TState, Action> work, CancellationToken cancellation)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_waiting.Writer.TryWrite(Attempt))
        {
            throw Disposed();
        }

        done.Task.WaitAsync(cancellation).GetAwaiter().GetResult();

        void Attempt(TState state)
        {
            try
            {
                Checkpoint();
                work(state, Checkpoint);
                done.SetResult();
            }
            catch (Exception exception)
            {
                // Whatever it is, it belongs to the caller; the thread goes on. One that has left does not see it, and it is no unobserved exception for that.
                done.SetException(exception);
                _ = done.Task.Exception;
            }
        }

        void Checkpoint()
        {
            if (_disposed)
            {
                throw Disposed();
            }

            cancellation.ThrowIfCancellationRequested();
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _waiting.Writer.TryComplete();
        _thread.Join();
    }

    private static ObjectDisposedException Disposed() => new(nameof(TorchSharpPromptEncoder));

    private void RunAll()
    {
        try
        {
            _state = _create();
        }
        catch (Exception exception)
        {
            _started.SetException(exception);
            return;
        }

        // Only now: without libtorch, this would be where the process learned of it.
        using IDisposable noGradients = torch.inference_mode();
        using (_state)
        {
            _started.SetResult();
            foreach (Action<TState> attempt in _waiting.Reader.ReadAllAsync().ToBlockingEnumerable())
            {
                attempt(_state);
            }
        }
    }
}
