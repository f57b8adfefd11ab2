using System.Diagnostics;
using MetaEol.Extensions.Batching;
using MetaEol.Extensions.Diagnostics;
using MetaEol.Extensions.Pooling;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using MetaEol.Llama.Filtering;
using Microsoft.Extensions.AI;

namespace MetaEol.Extensions;

// What else retrieval makes of the model: its next words as sparse vectors, and its likelihood of a question as a reranker.
public sealed partial class MetaEolEmbeddingGenerator
{
    /// <summary>
    /// Gives the sparse vector of each text: the weights log(1 + max(logit, 0)) of the words that the model would say next, averaged over the templates (PromptReps, Zhuang et al., arXiv 2404.18424). Texts with words in common score by
    /// <see cref="SparseEmbedding.Dot"/>, as in an index of words, but the model says how much each word counts.
    /// </summary>
    /// <param name="values">The texts, enumerated once before any work. They may be empty; none may be null.</param>
    /// <param name="options">Options of this request; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>One vector per text, in order. A vector may have no terms.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="SparseEmbeddingOptions.MaxTerms"/> is below 1, <see cref="SparseEmbeddingOptions.Terms"/> is not defined, or the model has no such layer.</exception>
    /// <exception cref="NotSupportedException">The model has no output head, or the generator was made from the caller's own encoder.</exception>
    /// <inheritdoc cref="GenerateAsync" path="/exception"/>
    public async Task<IReadOnlyList<SparseEmbedding>> GenerateSparseAsync(
        IEnumerable<string> values, SparseEmbeddingOptions? options = null, CancellationToken cancellationToken = default)
    {
        options = Checked(options);
        string[] texts = Materialize(values, cancellationToken);
        if (texts.Length == 0)
        {
            return [];
        }

        long started = Stopwatch.GetTimestamp();
        Pipeline pipeline = await _loader.GetAsync(cancellationToken).ConfigureAwait(false);
        TemplateSet set = (options.TemplateSet ?? _options.TemplateSet).ForRole(options.Role ?? TextRole.Document);
        int layer = options.Layer.Resolve(pipeline.Encoder.Metadata.LayerCount);
        TokenPrepending? prepending = _options.TokenPrepending ? PrependingLayers.Resolve(_options.TokenPrependingEnd, pipeline.Encoder.Metadata.LayerCount) : null;
        var pooling = new SparsePooling(pipeline, pipeline.GetOutputHead("A sparse vector"), set.Templates, options);
        var embeddings = new List<SparseEmbedding>(texts.Length);
        IAsyncEnumerable<(SparseEmbedding[] Embeddings, long Tokens)> batches = pipeline.RunAsync(
            texts, set, WantedStates.Of([layer]) with { Prepending = prepending }, views => (pooling.Pool(views, 0, cancellationToken), views.TokenCount), cancellationToken);
        long tokens = await CollectAsync(batches, embeddings.AddRange).ConfigureAwait(false);

        _logger.GeneratedSparse(texts.Length, set.Templates.Count, set.Name, layer, tokens, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        return embeddings;
    }

    /// <summary>Gives embedding and sparse vector of each text from one pass through the model: those of <see cref="GenerateAsync"/> and <see cref="GenerateSparseAsync"/>, for hardly more than the price of the first where both take the same layer.</summary>
    /// <param name="values">The texts, enumerated once before any work. They may be empty; none may be null.</param>
    /// <param name="options">Options of the embeddings; null takes the defaults. Their template set and role are those of the sparse vectors, too.</param>
    /// <param name="sparse">Options of the sparse vectors, without a template set; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>Both vectors of each text, in order.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option of the sparse vectors is out of its range.</exception>
    /// <exception cref="NotSupportedException">The model has no output head, or the generator was made from the caller's own encoder.</exception>
    /// <inheritdoc cref="GenerateAsync" path="/exception"/>
    public async Task<IReadOnlyList<HybridEmbedding>> GenerateHybridAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, SparseEmbeddingOptions? sparse = null, CancellationToken cancellationToken = default)
    {
        sparse = Checked(sparse);
        if (sparse.TemplateSet is not null)
        {
            throw new ArgumentException($"The sparse vectors ask for template set '{sparse.TemplateSet}', but both vectors come from the same prompts: name it in the options of the embeddings, or ask for the two apart.", nameof(sparse));
        }

        if (sparse.Role is { } role && role != ((options as MetaEolEmbeddingGenerationOptions)?.Role ?? TextRole.Document))
        {
            throw new ArgumentException($"The sparse vectors ask for role {role}, but both vectors come from the same prompts: name the role in the options of the embeddings, or ask for the two apart.", nameof(sparse));
        }

        string[] texts = Materialize(values, cancellationToken);
        if (texts.Length == 0)
        {
            return [];
        }

        long started = Stopwatch.GetTimestamp();
        Pipeline pipeline = await _loader.GetAsync(cancellationToken).ConfigureAwait(false);
        EmbeddingRequest request = CreateRequest(options, layers: null, pipeline);
        VectorFilter? filter = await GetFilterAsync(request, pipeline, progress: null, cancellationToken).ConfigureAwait(false);
        int layer = sparse.Layer.Resolve(pipeline.Encoder.Metadata.LayerCount);
        WantedStates wanted = request.Wanted.And(layer);
        var pooling = new SparsePooling(pipeline, pipeline.GetOutputHead("A sparse vector"), request.TemplateSet.Templates, sparse);
        var embeddings = new List<HybridEmbedding>(texts.Length);
        IAsyncEnumerable<(IEnumerable<HybridEmbedding> Embeddings, long Tokens)> batches = pipeline.RunAsync(
            texts,
            request.TemplateSet,
            wanted,
            views => (Pool(views, 0, request.TemplateSet, filter).Zip(pooling.Pool(views, wanted.PerPrompt - 1, cancellationToken), (dense, terms) => new HybridEmbedding(dense, terms)), views.TokenCount),
            cancellationToken);
        long tokens = await CollectAsync(batches, embeddings.AddRange).ConfigureAwait(false);

        _logger.GeneratedSparse(texts.Length, request.TemplateSet.Templates.Count, request.TemplateSet.Name, layer, tokens, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        return embeddings;
    }

    /// <summary>
    /// A short hash of everything besides the text that a sparse vector of <see cref="GenerateSparseAsync"/> depends on, as <see cref="GetFingerprintAsync(CancellationToken)"/> is for embeddings. Store it beside the vectors. Loads the model if it is
    /// not loaded yet.
    /// </summary>
    /// <param name="options">Options of the vectors; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the wait; the load goes on.</param>
    /// <returns>32 hexadecimal digits.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range, or the model has no such layer.</exception>
    /// <inheritdoc cref="LoadAsync" path="/exception"/>
    public async Task<string> GetSparseFingerprintAsync(SparseEmbeddingOptions? options = null, CancellationToken cancellationToken = default)
    {
        options = Checked(options);
        Pipeline pipeline = await _loader.GetAsync(cancellationToken).ConfigureAwait(false);
        MetaEolOptions vectors = _options.Clone();
        vectors.TemplateSet = (options.TemplateSet ?? vectors.TemplateSet).WithLayer(null);
        vectors.Layer = options.Layer;
        vectors.Dimensions = null;
        vectors.Normalize = false;
        return Fingerprint.Of([ProviderName, _modelId, .. Fingerprint.ValuesOf(pipeline.Encoder, pipeline.Tokenizer, vectors, options.Role ?? TextRole.Document), $"sparse={options.Terms},{options.MaxTerms}"]);
    }

    /// <summary>
    /// Ranks passages by how well they explain a question: by the mean log-likelihood that the model gives the question's tokens behind a prompt with the passage (query likelihood).
    /// </summary>
    /// <remarks>
    /// <para>A passage's prompt is the prompt with the passage in it, and the question behind it. It is tokenized with and without the question: the tokens that both begin with are context, all others count as the question's, so
    /// that a token which joins the prompt's end and the question's beginning is one of them.</para>
    /// <para>Every token of prompt, passage and question but the last is computed once for each passage; what passages' prompts have in common, once for all; the beginning of the prompt comes from the prefix cache. Each token is
    /// judged by the model as the prompt up to it gives it: with rotary scaling that depends on the length (<c>dynamic</c>, <c>longrope</c>), prompts beyond the original context cost more.</para>
    /// </remarks>
    /// <param name="question">The question; white space at its ends does not count.</param>
    /// <param name="passages">The passages, enumerated once before any work. They may be empty; none may be null. One that is too long is an error or is cut, as <see cref="MetaEolOptions.TextOverflow"/> says; prompt and question never are.</param>
    /// <param name="options">Options of this request; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>All passages with their scores, the best first; of equal ones the earlier first.</returns>
    /// <exception cref="ArgumentException">The question is blank or has no tokens, a passage is null or too long, or the prompt does not hold <c>{passage}</c> once.</exception>
    /// <exception cref="NotSupportedException">The model has no output head, or the generator was made from the caller's own encoder.</exception>
    /// <inheritdoc cref="GenerateAsync" path="/exception[not(@cref='T:System.ArgumentException')]"/>
    public async Task<IReadOnlyList<RerankedPassage>> RerankAsync(
        string question, IEnumerable<string> passages, RerankOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(question);
        RerankPrompt prompt = RerankPrompt.Parse((options ?? new RerankOptions()).Prompt);
        string[] texts = Materialize(passages, cancellationToken);
        if (texts.Length == 0)
        {
            return [];
        }

        long started = Stopwatch.GetTimestamp();
        Pipeline pipeline = await _loader.GetAsync(cancellationToken).ConfigureAwait(false);
        OutputHead head = pipeline.GetOutputHead("Reranking");
        var scores = new List<double>(texts.Length);
        IAsyncEnumerable<(double[] Scores, long Tokens)> batches = pipeline.RunAsync(
            texts, prompt, question.Trim(), views => (ContinuationLikelihood.Means(views, head, cancellationToken), views.TokenCount), cancellationToken);
        long tokens = await CollectAsync(batches, scores.AddRange).ConfigureAwait(false);

        _logger.Reranked(texts.Length, tokens, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        return [.. scores.Select((score, index) => new RerankedPassage(index, score)).OrderByDescending(passage => passage.Score).ThenBy(passage => passage.Index)];
    }

    private static SparseEmbeddingOptions Checked(SparseEmbeddingOptions? options)
    {
        options ??= new SparseEmbeddingOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxTerms, 1, "options.MaxTerms");
        return Enum.IsDefined(options.Terms)
            ? options
            : throw new ArgumentOutOfRangeException(nameof(options), options.Terms, $"Terms must be {string.Join(" or ", Enum.GetNames<SparseTerms>())}.");
    }
}
