using System.Security.Cryptography;
using System.Text;
using MetaEol.Retrieval.Embedding;
using MetaEol.Retrieval.Splitting;

namespace MetaEol.Retrieval.Storage;

/// <summary>Brings an index up to date with documents: embeds what is new, batch by batch, and puts each document in once all its passages have their vectors.</summary>
internal sealed class IndexUpdater(IndexWriter writer, TextEmbedder embedder, string fingerprint, SearchIndexOptions options, IProgress<IndexProgress>? progress)
{
    // Documents are read ahead of the embedding up to this many passages, so that it is known how much there is to do.
    private const int PassagesReadAhead = 16_384;

    private readonly List<Pending> _pending = [];
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private PassageSplitter? _splitter;
    private int _pendingPassages, _changed, _embedded, _toEmbed, _removed;
    private bool _knowsQuestions;

    public async Task<IndexUpdate> RunAsync(IEnumerable<SearchDocument> documents, bool removeOthers, CancellationToken cancellationToken)
    {
        foreach (SearchDocument document in documents)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (document is null || string.IsNullOrEmpty(document.Id) || document.Text is null)
            {
                throw new ArgumentException($"Document {_seen.Count} has no id or no text.", nameof(documents));
            }

            if (!_seen.Add(document.Id))
            {
                throw new ArgumentException($"Two documents have the id '{document.Id}'.", nameof(documents));
            }

            byte[] hash = HashOf(document);
            byte[]? stored = await writer.InTransactionAsync(store => store.HashOf(document.Id)).ConfigureAwait(false);
            if (!hash.AsSpan().SequenceEqual(stored))
            {
                _splitter ??= await embedder.CreateSplitterAsync(cancellationToken).ConfigureAwait(false);
                Pending pending = new(document, hash, [.. _splitter.Split(document).Select(passage => (passage, HashOf(passage.EmbeddedText)))]);
                _pending.Add(pending);
                _pendingPassages += pending.Passages.Count;
                _changed++;
            }

            progress?.Report(new IndexProgress(_embedded, _toEmbed + _pendingPassages, _seen.Count));
            if (_pendingPassages >= PassagesReadAhead)
            {
                await StorePendingAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        await StorePendingAsync(cancellationToken).ConfigureAwait(false);
        return await writer.InTransactionAsync(store =>
        {
            if (removeOthers)
            {
                _removed += store.DocumentNames().Where(name => !_seen.Contains(name)).Sum(store.Remove);
            }

            if (_changed > 0 || _removed > 0)
            {
                store.RemoveUnusedVectors();
            }

            return new IndexUpdate(store.DocumentCount, store.PassageCount, _changed, _embedded, _removed);
        }).ConfigureAwait(false);
    }

    /// <summary>Embeds the passages of the documents that wait, and stores the documents.</summary>
    private async Task StorePendingAsync(CancellationToken cancellationToken)
    {
        List<(byte[] Hash, string Text)> missing = await FindMissingAsync().ConfigureAwait(false);
        _toEmbed += missing.Count;
        _pendingPassages = 0;
        if (missing.Count > 0 && !_knowsQuestions)
        {
            await EmbedQuestionsAsync(cancellationToken).ConfigureAwait(false);
        }

        int stored = 0;
        for (int done = 0; stored < _pending.Count;)
        {
            (byte[] Hash, string Text)[] batch = [.. missing.Skip(done).Take(options.BatchSize)];
            IReadOnlyList<TextVectors> vectors = batch.Length == 0 ? [] : await embedder.EmbedAsync([.. batch.Select(item => item.Text)], cancellationToken).ConfigureAwait(false);
            done += batch.Length;
            stored = await writer.InTransactionAsync(store =>
            {
                for (int i = 0; i < batch.Length; i++)
                {
                    store.AddVector(batch[i].Hash, fingerprint, vectors[i]);
                }

                int next = stored;
                for (; next < _pending.Count && _pending[next].Needs <= done; next++)
                {
                    _removed += Store(store, _pending[next]);
                }

                return next;
            }).ConfigureAwait(false);
            _embedded += batch.Length;
            progress?.Report(new IndexProgress(_embedded, _toEmbed, _seen.Count));
        }

        _pending.Clear();
    }

    /// <summary>The texts that have no vector yet, each once, and for each document how many of them it needs.</summary>
    private Task<List<(byte[] Hash, string Text)>> FindMissingAsync() => writer.InTransactionAsync(store =>
    {
        // The long part begins: whoever comes now is told who is at work.
        if (_pending.Count > 0)
        {
            store.WriterProcess = Environment.ProcessId;
        }

        List<(byte[] Hash, string Text)> missing = [];
        Dictionary<string, int> places = new(StringComparer.Ordinal);
        foreach (Pending pending in _pending)
        {
            foreach ((Passage passage, byte[] hash) in pending.Passages)
            {
                string key = Convert.ToHexString(hash);
                if (!places.TryGetValue(key, out int place) && !store.HasVector(hash, fingerprint))
                {
                    missing.Add((hash, passage.EmbeddedText));
                    places.Add(key, place = missing.Count);
                }

                pending.Needs = Math.Max(pending.Needs, place);
            }
        }

        return missing;
    });

    private async Task EmbedQuestionsAsync(CancellationToken cancellationToken)
    {
        if (await writer.InTransactionAsync(store => store.QuestionVector()).ConfigureAwait(false) is null)
        {
            float[] mean = await embedder.EmbedQuestionsAsync(cancellationToken).ConfigureAwait(false);
            await writer.InTransactionAsync(store =>
            {
                store.SetQuestionVector(fingerprint, mean);
                return true;
            }).ConfigureAwait(false);
        }

        _knowsQuestions = true;
    }

    /// <returns>Number of passages of the document's earlier version that are not in this one.</returns>
    private static int Store(IndexStore store, Pending pending)
    {
        HashSet<string> hashes = [.. pending.Passages.Select(passage => Convert.ToHexString(passage.Hash))];
        int removed = store.PassageHashes(pending.Document.Id).Count(hash => !hashes.Contains(Convert.ToHexString(hash)));
        store.Replace(pending.Document, pending.Hash, pending.Passages);
        return removed;
    }

    /// <summary>What differs where the passages of a document may differ.</summary>
    private byte[] HashOf(SearchDocument document)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string text)
        {
            // With the length before it, so that no two lists of texts look the same.
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }

        Add(FormattableString.Invariant($"{PassageSplitter.Version},{options.MaxPassageTokens},{options.OverlapTokens},{(int)document.Format}"));
        Add(document.Text);
        Add(document.Title ?? string.Empty);
        foreach ((string name, string value) in (document.Metadata ?? Passage.EmptyMetadata).OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            Add(name);
            Add(value);
        }

        return hash.GetHashAndReset();
    }

    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    /// <summary>A document that is not stored yet.</summary>
    private sealed class Pending(SearchDocument document, byte[] hash, IReadOnlyList<(Passage Passage, byte[] Hash)> passages)
    {
        public SearchDocument Document => document;

        public byte[] Hash => hash;

        public IReadOnlyList<(Passage Passage, byte[] Hash)> Passages => passages;

        /// <summary>How many of the missing texts must be embedded before it can be stored.</summary>
        public int Needs { get; set; }
    }
}
