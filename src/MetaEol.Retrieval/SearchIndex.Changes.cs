using MetaEol.Retrieval.Storage;

namespace MetaEol.Retrieval;

/// <content>How an index is changed.</content>
public sealed partial class SearchIndex
{
    /// <summary>Makes the index hold exactly these documents: new and changed ones are indexed, those that are no longer among them go.</summary>
    /// <param name="documents">All documents, enumerated once, and each no longer kept than it takes to index it.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Ends the update after the batch at work; what was done stays.</param>
    /// <returns>What was done.</returns>
    /// <exception cref="ArgumentException">A document has no id, or two have the same.</exception>
    /// <exception cref="IndexBusyException">The index is being changed by another.</exception>
    /// <exception cref="IndexMismatchException">The index holds another generator's vectors; <see cref="ResetAsync"/> gives it to this one.</exception>
    /// <exception cref="IndexFileException">The index file cannot be made, or is none, or is damaged.</exception>
    public Task<IndexUpdate> UpdateAsync(IEnumerable<SearchDocument> documents, IProgress<IndexProgress>? progress = null, CancellationToken cancellationToken = default) =>
        ChangeAsync(documents, removeOthers: true, progress, cancellationToken);

    /// <summary>Adds documents, or puts them in the place of those with the same ids. The others stay.</summary>
    /// <inheritdoc cref="UpdateAsync"/>
    public Task<IndexUpdate> AddAsync(IEnumerable<SearchDocument> documents, IProgress<IndexProgress>? progress = null, CancellationToken cancellationToken = default) =>
        ChangeAsync(documents, removeOthers: false, progress, cancellationToken);

    /// <summary>Removes documents; ids that are not there are passed over.</summary>
    /// <param name="documents">Their ids.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What was done.</returns>
    /// <inheritdoc cref="UpdateAsync" path="/exception[@cref='T:MetaEol.Retrieval.IndexBusyException' or @cref='T:MetaEol.Retrieval.IndexFileException']"/>
    public Task<IndexUpdate> RemoveAsync(IEnumerable<string> documents, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        string[] ids = [.. documents];
        return WriteAsync(
            writer => writer.InTransactionAsync(store =>
            {
                int removed = ids.Sum(store.Remove);
                store.RemoveUnusedVectors();
                return new IndexUpdate(store.DocumentCount, store.PassageCount, 0, 0, removed);
            }),
            cancellationToken);
    }

    /// <summary>Empties the index and gives it to this index's generator, whosever vectors it held.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <inheritdoc cref="UpdateAsync" path="/exception[@cref='T:MetaEol.Retrieval.IndexBusyException' or @cref='T:MetaEol.Retrieval.IndexFileException']"/>
    public Task ResetAsync(CancellationToken cancellationToken = default) => WriteAsync(
        async writer =>
        {
            string fingerprint = await GetFingerprintAsync(cancellationToken).ConfigureAwait(false);
            return await writer.InTransactionAsync(store =>
            {
                store.Reset(fingerprint, Embedder.ModelId);
                return true;
            }).ConfigureAwait(false);
        },
        cancellationToken);

    private Task<IndexUpdate> ChangeAsync(IEnumerable<SearchDocument> documents, bool removeOthers, IProgress<IndexProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(documents);
        return WriteAsync(
            async writer =>
            {
                string fingerprint = await GetFingerprintAsync(cancellationToken).ConfigureAwait(false);
                await writer.InTransactionAsync(store =>
                {
                    ThrowIfMismatch(store, fingerprint);
                    if (store.Fingerprint is null)
                    {
                        store.Reset(fingerprint, Embedder.ModelId);
                    }

                    IDictionary<string, string> properties = _options.Properties;
                    if (properties.Count > 0 && store.ReadInfo()!.Properties is var noted && (noted.Count != properties.Count || noted.Except(properties).Any()))
                    {
                        store.Note(properties);
                    }

                    return true;
                }).ConfigureAwait(false);
                return await new IndexUpdater(writer, Embedder, fingerprint, _options, progress).RunAsync(documents, removeOthers, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);
    }

    /// <summary>Runs work that changes the index, which no one else changes meanwhile.</summary>
    private async Task<T> WriteAsync<T>(Func<IndexWriter, Task<T>> work, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Files are read and written between the waits: not on the thread of a caller who may have a window to draw.
            return await GuardAsync(_path, () => Task.Run(() => _path is null ? work(new IndexWriter(_pool, null, cancellationToken)) : WriteFileAsync(_path, work, cancellationToken))).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task<T> WriteFileAsync<T>(string path, Func<IndexWriter, Task<T>> work, CancellationToken cancellationToken)
    {
        using IndexLock held = IndexLock.Take(path);
        IndexFile.Create(path);
        using IndexStore store = new(IndexFile.Open(path, canWrite: true));
        return await work(new IndexWriter(_pool, store, cancellationToken)).ConfigureAwait(false);
    }
}
