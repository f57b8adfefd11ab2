namespace MetaEol.Retrieval.Storage;

/// <summary>Changes an index, one transaction after another: over a session of its own for a file, or the only one there is for an index in memory.</summary>
internal sealed class IndexWriter(SessionPool pool, IndexStore? own, CancellationToken cancellationToken)
{
    /// <summary>Runs work as one transaction.</summary>
    public async Task<T> InTransactionAsync<T>(Func<IndexStore, T> work) => own is null
        ? await pool.UseAsync(store => store.InTransaction(forWriting: true, () => work(store)), cancellationToken).ConfigureAwait(false)
        : own.InTransaction(forWriting: true, () => work(own));
}
