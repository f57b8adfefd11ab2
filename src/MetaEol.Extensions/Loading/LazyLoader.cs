namespace MetaEol.Extensions.Loading;

/// <summary>
/// Loads a value once, on a thread of its own, however many callers ask for it at the same time. A failed load is reported to everyone who waited for it and
/// tried again by the next caller.
/// </summary>
internal sealed class LazyLoader<T> : IDisposable
    where T : class, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Func<T> _load;
    private readonly string _owner;
    private TaskCompletionSource<T>? _loading;
    private bool _disposed;

    public LazyLoader(Func<T> load, string owner)
    {
        _load = load;
        _owner = owner;
    }

    /// <summary>The value, if it is loaded.</summary>
    public T? Value
    {
        get
        {
            TaskCompletionSource<T>? loading = Volatile.Read(ref _loading);
            return loading is { Task.IsCompletedSuccessfully: true } ? loading.Task.Result : null;
        }
    }

    /// <summary>The value, loaded if it is not yet. Cancellation ends this caller's wait, not the load.</summary>
    /// <exception cref="ObjectDisposedException">This is disposed, or becomes so during the load.</exception>
    public Task<T> GetAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource<T> loading;
        lock (_gate)
        {
            if (_disposed)
            {
                return Task.FromException<T>(new ObjectDisposedException(_owner));
            }

            if (_loading is null || _loading.Task.IsFaulted)
            {
                _loading = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
                var thread = new Thread(Run) { IsBackground = true, Name = "MetaEol load" };
                thread.Start(_loading);
            }

            loading = _loading;
        }

        return loading.Task.IsCompleted ? loading.Task : loading.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Ends the waits for the value and disposes it: now, or as soon as a load that is under way ends.</summary>
    public void Dispose()
    {
        TaskCompletionSource<T>? loading;
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            loading = _loading;
        }

        if (loading is null)
        {
            return;
        }

        if (loading.TrySetException(new ObjectDisposedException(_owner)))
        {
            // Nobody may be waiting; an unobserved exception is none to report.
            _ = loading.Task.Exception;
        }
        else if (loading.Task.IsCompletedSuccessfully)
        {
            loading.Task.Result.Dispose();
        }
    }

    private void Run(object? state)
    {
        var loading = (TaskCompletionSource<T>)state!;
        try
        {
            T value = _load();
            if (!loading.TrySetResult(value))
            {
                value.Dispose();
            }
        }
        catch (Exception e)
        {
            loading.TrySetException(e);
            _ = loading.Task.Exception;
        }
    }
}
