using System.Numerics.Tensors;
using MetaEol.Extensions;
using MetaEol.Retrieval.Embedding;
using MetaEol.Retrieval.Ranking;
using MetaEol.Retrieval.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.AI;

namespace MetaEol.Retrieval;

/// <summary>
/// An index of documents, in a SQLite file or in memory, that finds the passages which answer a question: by the words in them, by vectors, and by both together.
/// </summary>
/// <remarks>
/// Safe for use by many threads at once. An index file may be searched by any number of processes while one of them changes it; a second that wants to change it is
/// told so by an <see cref="IndexBusyException"/>. An update may be interrupted at any moment, by a power cut too, and loses at most a batch of passages; the next one
/// goes on from there. Nothing is read or written before the first call.
/// </remarks>
public sealed partial class SearchIndex : IDisposable
{
    private readonly SearchIndexOptions _options;
    private readonly TextEmbedder? _embedder;
    private readonly string? _path;
    private readonly SessionPool _pool;
    private readonly Lock _loading = new();
    private readonly SemaphoreSlim _changing = new(1);
    private volatile PassageVectors? _vectors;
    private volatile PassageTerms? _terms;
    private string? _fingerprint;

    /// <summary>Prepares an index.</summary>
    /// <param name="generator">
    /// Gives passages and questions their vectors; not disposed with the index. Its model is loaded when it is first needed. Null: an index that is there can be searched by
    /// words, and for passages that are like one of it; everything else throws.
    /// </param>
    /// <param name="options">Options, copied; null keeps the index in memory.</param>
    /// <exception cref="ArgumentException">The options are not valid; the message says what to write instead.</exception>
    public SearchIndex(IEmbeddingGenerator<string, Embedding<float>>? generator, SearchIndexOptions? options = null)
    {
        _options = (options ?? new SearchIndexOptions()).Clone();
        if (_options.Failures().FirstOrDefault() is { } failure)
        {
            throw new ArgumentException(failure, nameof(options));
        }

        _path = _options.Path is null ? null : Path.GetFullPath(_options.Path);
        _embedder = generator is null ? null : new TextEmbedder(generator, _options);
        _pool = new SessionPool(_path);
    }

    /// <summary>Reads what an index file says about itself, without a generator.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Null where there is no file, or nothing was indexed in it yet.</returns>
    /// <exception cref="IndexFileException">The file is no index, or damaged.</exception>
    public static IndexInfo? ReadInfo(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = Path.GetFullPath(path);
        if (new FileInfo(path) is { Exists: false, LinkTarget: null } && !Directory.Exists(path))
        {
            return null;
        }

        return Guard(path, () =>
        {
            using IndexStore store = new(IndexFile.Open(path, canWrite: false));
            return store.ReadInfo();
        });
    }

    /// <summary>Finds the passages that answer a question.</summary>
    /// <param name="question">The question, or some words.</param>
    /// <param name="options">What is wanted; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The passages, the best first; none where the index is empty, or where only words count and none is found.</returns>
    /// <exception cref="ArgumentException">The question is blank, or longer than the model's context, alone or behind a passage that is to be reranked; or an option is outside its range.</exception>
    /// <exception cref="IndexMismatchException">The index holds another generator's vectors.</exception>
    /// <exception cref="InvalidOperationException">The index was opened without a generator, and not only words count.</exception>
    /// <exception cref="NotSupportedException">The index keeps no sparse vectors, and only they count; or the passages are to be reranked, and the generator cannot.</exception>
    /// <exception cref="IndexFileException">There is no such index, or it is damaged.</exception>
    public async Task<IReadOnlyList<SearchResult>> SearchAsync(string question, SearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(question);
        options ??= new SearchOptions();
        options.ThrowIfInvalid();
        if (options.Rerank == 0)
        {
            return await FindAsync(question, options, cancellationToken).ConfigureAwait(false);
        }

        MetaEolEmbeddingGenerator reranker = Embedder.Reranker;
        IReadOnlyList<SearchResult> found = await FindAsync(question, options with { Top = Math.Max(options.Top, options.Rerank) }, cancellationToken).ConfigureAwait(false);
        SearchResult[] first = [.. found.Take(options.Rerank)];
        IReadOnlyList<RerankedPassage> ranked;
        try
        {
            ranked = await reranker.RerankAsync(question, first.Select(result => result.Passage.EmbeddedText), cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (ArgumentException exception)
        {
            string reason = exception.ParamName is null ? exception.Message : exception.Message[..exception.Message.LastIndexOf(" (", StringComparison.Ordinal)];
            throw new ArgumentException($"The passages cannot be reranked by this question: ask a shorter one, or make shorter passages ({nameof(SearchIndexOptions.MaxPassageTokens)}). {reason}", exception);
        }

        return [.. ranked.Select(passage => first[passage.Index] with { Likelihood = passage.Score }).Concat(found.Skip(first.Length)).Take(options.Top)];
    }

    /// <summary>Finds the passages that are most like one of the index. No text is embedded, so that no model is loaded.</summary>
    /// <param name="document">The id of the passage's document.</param>
    /// <param name="line">A line of the passage, from 1; between passages, the next one counts.</param>
    /// <param name="options">What is wanted; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The passage itself, and the others, the most similar first.</returns>
    /// <exception cref="ArgumentException">There is no such document, or it has no passages; or an option is outside its range.</exception>
    /// <inheritdoc cref="SearchAsync" path="/exception[@cref='T:MetaEol.Retrieval.IndexFileException']"/>
    public async Task<SimilarPassages> FindSimilarAsync(string document, int line, SearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(document);
        ArgumentOutOfRangeException.ThrowIfLessThan(line, 1);
        options ??= new SearchOptions();
        options.ThrowIfInvalid();
        if (options.Rerank > 0)
        {
            throw new ArgumentException($"{nameof(SearchOptions.Rerank)} is {options.Rerank}: a passage is no question whose likelihood could be told; leave it out.", nameof(options));
        }

        return await ReadAsync(
            store =>
            {
                long id = store.PassageAt(document, line) ?? throw new ArgumentException($"There is no document '{document}' with a passage in the index.", nameof(document));
                Passage passage = store.ReadPassage(id);
                return new SimilarPassages(passage, Search(store, passage.Text, new TextVectors(store.VectorOf(id), store.TermsOf(id)), options, except: id));
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Says what the index holds.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null where nothing was indexed yet.</returns>
    public async Task<IndexInfo?> GetInfoAsync(CancellationToken cancellationToken = default) =>
        _path is not null && !File.Exists(_path) ? null : await ReadAsync(store => store.ReadInfo(), cancellationToken).ConfigureAwait(false);

    /// <summary>Closes the index. The generator is left as it is.</summary>
    public void Dispose()
    {
        _pool.Dispose();
        _changing.Dispose();
    }

    private async Task<IReadOnlyList<SearchResult>> FindAsync(string question, SearchOptions options, CancellationToken cancellationToken)
    {
        if (options.Mode == SearchMode.Words)
        {
            return await ReadAsync(store => Search(store, question, default, options, except: null), cancellationToken).ConfigureAwait(false);
        }

        // An index of another generator is refused before the question is embedded.
        string fingerprint = await GetFingerprintAsync(cancellationToken).ConfigureAwait(false);
        await ReadAsync(
            store =>
            {
                ThrowIfMismatch(store, fingerprint);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        TextVectors vectors = await Embedder.EmbedQuestionAsync(question, options.Mode, cancellationToken).ConfigureAwait(false);
        return await ReadAsync(
            store =>
            {
                ThrowIfMismatch(store, fingerprint);
                return Search(store, question, vectors, options, except: null);
            },
            cancellationToken).ConfigureAwait(false);
    }

    private TextEmbedder Embedder => _embedder ?? throw new InvalidOperationException("This index was opened without a generator: it can be searched by words, and for passages that are like one of it.");

    private async Task<string> GetFingerprintAsync(CancellationToken cancellationToken) => _fingerprint ??= await Embedder.GetFingerprintAsync(cancellationToken).ConfigureAwait(false);

    private void ThrowIfMismatch(IndexStore store, string fingerprint)
    {
        if (store.Fingerprint is { } stored && stored != fingerprint && store.ReadInfo() is { } info)
        {
            throw new IndexMismatchException(
                $"The index {(_path is null ? "in memory" : $"'{_path}'")} holds vectors of another model, layer, template set or kind ({info.ModelId ?? "unknown model"}, {info.Passages} passages) than the generator's ({Embedder.ModelId ?? "unknown model"}), and they do not go together: use that generator, another index, or make this one anew.",
                info);
        }
    }

    private List<SearchResult> Search(IndexStore store, string question, TextVectors vectors, SearchOptions options, long? except)
    {
        PassageVectors? dense = options.Mode is SearchMode.Dense or SearchMode.Hybrid ? Load(store) : null;
        PassageTerms? sparse = options.Mode == SearchMode.Sparse || (options.Mode == SearchMode.Hybrid && vectors.Sparse is not null) ? LoadTerms(store) : null;
        if (dense is { Count: 0 } || sparse is { Ids.Length: 0 })
        {
            return [];
        }

        if (options.Mode == SearchMode.Sparse && (vectors.Sparse is null || !sparse!.Any))
        {
            throw new NotSupportedException(
                $"The index keeps no sparse vectors: it was made with {nameof(SearchIndexOptions)}.{nameof(SearchIndexOptions.Sparse)} = false, or with a generator that gives none.");
        }

        (long Id, double Score)[] matches = options.Mode is SearchMode.Words or SearchMode.Hybrid && WordQuery.Create(question) is { } query ? [.. store.MatchWords(query)] : [];
        if (options.Mode == SearchMode.Words)
        {
            return Take(store, new RankedPassages([.. matches.Select(match => match.Id)], words: [.. matches.Select(match => match.Score)]), options, except);
        }

        RankedPassages ranked = new(
            dense?.Ids ?? sparse!.Ids,
            options.Mode == SearchMode.Hybrid ? ByPlace(dense!, matches) : null,
            dense?.Score(MapQuestion(dense, vectors.Dense.Span)),
            sparse?.Score(vectors.Sparse!));
        if (dense is { IsExact: false })
        {
            LookExactly(store, dense, ranked, vectors.Dense.Span, options.Top);
        }

        return Take(store, ranked, options, except);
    }

    private static double[] ByPlace(PassageVectors vectors, (long Id, double Score)[] matches)
    {
        double[] words = new double[vectors.Count];
        foreach ((long id, double score) in matches)
        {
            if (vectors.PlaceOf(id) is >= 0 and int place)
            {
                words[place] = score;
            }
        }

        return words;
    }

    /// <summary>Computes the best passages' cosines from their vectors as they are stored.</summary>
    private static void LookExactly(IndexStore store, PassageVectors vectors, RankedPassages ranked, ReadOnlySpan<float> vector, int top)
    {
        float[] question = MapQuestion(vectors, vector), mapped = new float[vectors.Dimensions];
        ranked.Correct((4 * top) + 200, id =>
        {
            float[] stored = store.VectorOf(id) ?? throw new FormatException($"Passage {id} has no vector.");
            VectorCheck.ThrowIfInvalid(stored, vectors.Dimensions);
            vectors.Space!.Map(stored, mapped);
            return TensorPrimitives.Dot<float>(mapped, question);
        });
    }

    private static float[] MapQuestion(PassageVectors vectors, ReadOnlySpan<float> vector)
    {
        VectorCheck.ThrowIfInvalid(vector, vectors.Dimensions);
        float[] mapped = new float[vectors.Dimensions];
        vectors.Space!.Map(vector, mapped);
        return mapped;
    }

    private static List<SearchResult> Take(IndexStore store, RankedPassages ranked, SearchOptions options, long? except)
    {
        // Some more than are wanted: passages of the same score are put into the order of their documents, whenever they were indexed.
        List<SearchResult> results = [];
        HashSet<string> documents = new(StringComparer.Ordinal);
        int own = except is { } id ? Array.IndexOf(ranked.Ids, id) : -1;
        for (int wanted = options.Top + 16; ; wanted *= 4)
        {
            int[] best = ranked.Best(wanted);
            results.Clear();
            documents.Clear();
            IEnumerable<SearchResult> ordered = best.Where(place => place != own)
                .Select(place => ranked.Explain(place, store.ReadPassage(ranked.Ids[place]), own))
                .OrderByDescending(result => result.Score).ThenBy(result => result.Passage.Document, StringComparer.Ordinal).ThenBy(result => result.Passage.Start);
            foreach (SearchResult result in ordered)
            {
                if (results.Count < options.Top && (!options.OnePerDocument || documents.Add(result.Passage.Document)))
                {
                    results.Add(result);
                }
            }

            if (results.Count == options.Top || best.Length < wanted)
            {
                return results;
            }
        }
    }

    /// <summary>The vectors of all passages: those in memory, unless the index has changed since.</summary>
    private PassageVectors Load(IndexStore store)
    {
        long generation = store.Generation;
        if (_vectors is { } known && known.Generation == generation)
        {
            return known;
        }

        lock (_loading)
        {
            if (_vectors is { } loaded && loaded.Generation == generation)
            {
                return loaded;
            }

            float[]? questionMean = store.QuestionVector();
            int count = store.PassageCount, dimensions = store.Vectors().Select(vector => vector.Vector.Length).FirstOrDefault(1);
            if (questionMean?.Length != dimensions)
            {
                questionMean = null;
            }
            else
            {
                VectorCheck.ThrowIfInvalid(questionMean, dimensions);
            }

            PassageVectors fresh = count <= _options.MostFloatVectors
                ? FloatVectors.Create(generation, store.Vectors(), dimensions, questionMean)
                : ByteVectors.Create(generation, () => store.Vectors(), dimensions, questionMean);
            _vectors = fresh;
            return fresh;
        }
    }

    /// <summary>The sparse vectors of all passages, in the order of <see cref="Load"/>: those in memory, unless the index has changed since.</summary>
    private PassageTerms LoadTerms(IndexStore store)
    {
        long generation = store.Generation;
        if (_terms is { } known && known.Generation == generation)
        {
            return known;
        }

        lock (_loading)
        {
            if (_terms is not { } loaded || loaded.Generation != generation)
            {
                loaded = PassageTerms.Create(generation, store.Terms());
                _terms = loaded;
            }

            return loaded;
        }
    }

    private Task<T> ReadAsync<T>(Func<IndexStore, T> work, CancellationToken cancellationToken) =>
        GuardAsync(_path, () => _pool.UseAsync(store => store.InTransaction(forWriting: false, () => work(store)), cancellationToken));

    private static T Guard<T>(string? path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception exception) when (IndexFile.IsDamage(exception))
        {
            throw IndexFile.Damaged(path, exception);
        }
        catch (SqliteException exception)
        {
            throw new IOException($"The index '{path}' cannot be used: {exception.Message}", exception);
        }
    }

    private static async Task<T> GuardAsync<T>(string? path, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception exception) when (IndexFile.IsDamage(exception))
        {
            throw IndexFile.Damaged(path, exception);
        }
        catch (SqliteException exception)
        {
            throw new IOException($"The index '{path}' cannot be used: {exception.Message}", exception);
        }
    }
}
