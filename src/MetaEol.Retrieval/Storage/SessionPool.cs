using System.Collections.Concurrent;

namespace MetaEol.Retrieval.Storage;

/// <summary>Sessions for reading: as many at once as there are processors, or the only one of an index in memory.</summary>
internal sealed class SessionPool : IDisposable
{
    private readonly string? _path;
    private readonly SemaphoreSlim _free;
    private readonly ConcurrentBag<IndexStore> _idle = [];
    private volatile bool _disposed;

    /// <param name="path">The index file's full path; null for an index in memory.</param>
    public SessionPool(string? path)
    {
        _path = path;
        _free = new SemaphoreSlim(path is null ? 1 : Math.Max(1, Environment.ProcessorCount));
        if (path is null)
        {
            _idle.Add(new IndexStore(IndexFile.CreateInMemory()));
        }
    }

    /// <summary>Runs work over a session, which no one else uses meanwhile.</summary>
    public async Task<T> UseAsync<T>(Func<IndexStore, T> work, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(SearchIndex));
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(SearchIndex));
            IndexStore store = _idle.TryTake(out IndexStore? idle) ? idle : new IndexStore(IndexFile.Open(_path!, canWrite: false));
            bool keep = _path is null;
            try
            {
                T result = await Task.Run(() => work(store), cancellationToken).ConfigureAwait(false);
                keep = true;
                return result;
            }
            finally
            {
                // After an error a session of a file is not used again: the file may have been exchanged.
                if (keep && !_disposed)
                {
                    _idle.Add(store);
                }
                else
                {
                    store.Dispose();
                }
            }
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out IndexStore? store))
        {
            store.Dispose();
        }
    }
}
