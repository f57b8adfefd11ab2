using System.Diagnostics;
using System.Runtime.CompilerServices;
using MetaEol.Extensions.DependencyInjection;
using MetaEol.Extensions.Diagnostics;
using MetaEol.Extensions.Explaining;
using MetaEol.Extensions.Loading;
using MetaEol.Extensions.Pooling;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using MetaEol.Llama.Filtering;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MetaEol.Extensions;

/// <summary>
/// Text embeddings by MetaEOL (Lei et al., ACL 2024): each text is put into several prompts that ask a language model to say it in one word; the mean of the
/// hidden states of the prompts' last tokens is the embedding. Nothing is trained.
/// </summary>
/// <remarks>
/// Safe for use by many threads at once: requests that wait are merged into one encoder call. The model is loaded at first use, once. A singleton: creating
/// one per request would load the model per request.
/// </remarks>
public sealed partial class MetaEolEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private const string ProviderName = "metaeol";

    private readonly MetaEolOptions _options;
    private readonly ModelSource _source;
    private readonly LazyLoader<Pipeline> _loader;
    private readonly ILogger _logger;
    private readonly string _modelId;
    private PromptEncoderMetadata? _encoder;
    private volatile bool _disposed;

    /// <summary>Creates a generator for a model folder, which is loaded at first use.</summary>
    /// <param name="options">Options, copied; <see cref="MetaEolOptions.ModelPath"/> is required.</param>
    /// <param name="loggerFactory">Receives what is loaded, and at Debug what is computed.</param>
    /// <param name="createEncoder">Makes another encoder than the CPU encoder; disposed with the generator. Runs when the model is loaded.</param>
    /// <param name="createTokenizer">Makes another tokenizer than the built-in one for the model folder. Runs when the model is loaded.</param>
    /// <exception cref="ArgumentException">The options are not valid; the message says what to write instead.</exception>
    public MetaEolEmbeddingGenerator(
        MetaEolOptions options,
        ILoggerFactory? loggerFactory = null,
        Func<EncoderContext, IPromptEncoder>? createEncoder = null,
        Func<string, ITokenizer>? createTokenizer = null)
        : this(
            options,
            new MetaEolComponents
            {
                CreateEncoder = createEncoder,
                EncoderHasOwnFiles = createEncoder is not null,
                CreateTokenizer = createTokenizer is null ? null : (_, folder) => createTokenizer(folder),
            },
            services: null,
            loggerFactory)
    {
    }

    /// <summary>Creates a generator from a tokenizer and an encoder of the caller's.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="encoder">The encoder; disposed with the generator.</param>
    /// <param name="options">Options, copied; <see cref="MetaEolOptions.ModelPath"/> and the options of the CPU encoder are not read. Null takes the defaults.</param>
    /// <param name="loggerFactory">Receives what is computed, at Debug.</param>
    /// <exception cref="ArgumentException">The options are not valid; the message says what to write instead.</exception>
    public MetaEolEmbeddingGenerator(ITokenizer tokenizer, IPromptEncoder encoder, MetaEolOptions? options = null, ILoggerFactory? loggerFactory = null)
        : this(
            MetaEolOptionsValidator.ThrowIfInvalid(options ?? new MetaEolOptions(), components: null),
            valid => new FixedModelSource(
                tokenizer ?? throw new ArgumentNullException(nameof(tokenizer)), encoder ?? throw new ArgumentNullException(nameof(encoder)), valid),
            loggerFactory)
    {
    }

    internal MetaEolEmbeddingGenerator(MetaEolOptions options, MetaEolComponents components, IServiceProvider? services, ILoggerFactory? loggerFactory)
        : this(
            MetaEolOptionsValidator.ThrowIfInvalid(options, components),
            valid => new FolderModelSource(valid, components, services, loggerFactory ?? NullLoggerFactory.Instance),
            loggerFactory)
    {
    }

    private MetaEolEmbeddingGenerator(MetaEolOptions options, Func<MetaEolOptions, ModelSource> createSource, ILoggerFactory? loggerFactory)
    {
        _options = options.Clone();
        _source = createSource(_options);
        _modelId = _options.ModelId ??= _source.DefaultModelId;
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<MetaEolEmbeddingGenerator>();
        _loader = new LazyLoader<Pipeline>(Load, nameof(MetaEolEmbeddingGenerator));
    }

    /// <summary>The template set of requests that name none.</summary>
    public TemplateSet TemplateSet => _options.TemplateSet;

    /// <summary>Provider name, model id and dimensions of the vectors; the model's own are read from the model's configuration, without loading the weights.</summary>
    public EmbeddingGeneratorMetadata Metadata => new(ProviderName, providerUri: null, _modelId, _options.Dimensions ?? TryReadMetadata()?.Dimensions);

    /// <summary>Gives the embedding of each text.</summary>
    /// <param name="values">The texts, enumerated once before any work. They may be empty; none may be null.</param>
    /// <param name="options">
    /// Options of this request: <see cref="MetaEolEmbeddingGenerationOptions"/> for another template set, layer or filter. <c>Dimensions</c> is 1 to the model's own number; fewer come from
    /// <see cref="MetaEolOptions.Filter"/>, whose basis is computed at the first request for a model. <c>ModelId</c>, where given, must be this model's.
    /// </param>
    /// <param name="cancellationToken">Ends the request; checked by the encoder before each layer.</param>
    /// <returns>One vector per text, in order, of <c>hidden_size</c> floats or as many as were asked for, and the tokens of all prompts.</returns>
    /// <exception cref="ArgumentException">A text is null or too long, or the options ask for what this model cannot serve.</exception>
    /// <exception cref="GeneratorBusyException">More waits for the encoder than <see cref="MetaEolOptions.MaxWaitingTokens"/> allows.</exception>
    /// <exception cref="InvalidModelException">The model folder cannot be used, or gives a vector that is zero or not finite.</exception>
    /// <exception cref="ObjectDisposedException">The generator is disposed, or becomes so during the call.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        string[] texts = Materialize(values, cancellationToken);
        if (texts.Length == 0)
        {
            return new GeneratedEmbeddings<Embedding<float>> { Usage = new UsageDetails { InputTokenCount = 0, TotalTokenCount = 0 } };
        }

        long started = Stopwatch.GetTimestamp();
        Pipeline pipeline = await _loader.GetAsync(cancellationToken).ConfigureAwait(false);
        EmbeddingRequest request = CreateRequest(options, layers: null, pipeline);
        VectorFilter? filter = await GetFilterAsync(request, pipeline, progress: null, cancellationToken).ConfigureAwait(false);
        var embeddings = new GeneratedEmbeddings<Embedding<float>>(texts.Length);
        IAsyncEnumerable<(Embedding<float>[] Embeddings, long Tokens)> batches = pipeline.RunAsync(
            texts, request.TemplateSet, request.Wanted, views => (Pool(views, 0, request.TemplateSet, filter), views.TokenCount), cancellationToken);
        long tokens = await CollectAsync(batches, embeddings.AddRange).ConfigureAwait(false);

        embeddings.Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens };
        _logger.Generated(
            texts.Length, request.TemplateSet.Templates.Count, request.TemplateSet.Name, request.Wanted.Names, tokens, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        return embeddings;
    }

    /// <summary>Gives the view of each text in each template, before pooling.</summary>
    /// <param name="values">The texts, enumerated once before any work. They may be empty; none may be null.</param>
    /// <param name="options">Options of this request, as for <see cref="GenerateAsync"/>; views are not filtered, so <c>Dimensions</c> must be the model's own where given.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>Views <c>[texts × templates × 1 × hidden]</c>, not normalised.</returns>
    /// <inheritdoc cref="GenerateAsync" path="/exception"/>
    public Task<TemplateEmbeddings> GenerateTemplateEmbeddingsAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        GenerateTemplateEmbeddingsCoreAsync(values, layers: null, options, cancellationToken);

    /// <summary>Gives the view of each text in each template at several layers, from one pass through the model.</summary>
    /// <param name="values">The texts, enumerated once before any work. They may be empty; none may be null.</param>
    /// <param name="layers">The layers, at least one.</param>
    /// <param name="options">Options of this request, as for <see cref="GenerateAsync"/>; its layer is not read, and <c>Dimensions</c> must be the model's own where given.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>Views <c>[texts × templates × layers × hidden]</c>, not normalised.</returns>
    /// <inheritdoc cref="GenerateAsync" path="/exception"/>
    public async Task<TemplateEmbeddings> GenerateTemplateEmbeddingsAsync(
        IEnumerable<string> values, IReadOnlyList<LayerSelector> layers, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ThrowIfNone(layers);
        return await GenerateTemplateEmbeddingsCoreAsync(values, layers, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes what each batch gives, in order.</summary>
    /// <returns>The tokens of all batches.</returns>
    private static async Task<long> CollectAsync<T>(IAsyncEnumerable<(T Pooled, long Tokens)> batches, Action<T> add)
    {
        long tokens = 0;
        await foreach ((T pooled, long count) in batches.ConfigureAwait(false))
        {
            add(pooled);
            tokens += count;
        }

        return tokens;
    }

    private async Task<TemplateEmbeddings> GenerateTemplateEmbeddingsCoreAsync(
        IEnumerable<string> values, IReadOnlyList<LayerSelector>? layers, EmbeddingGenerationOptions? options, CancellationToken cancellationToken)
    {
        string[] texts = Materialize(values, cancellationToken);
        Pipeline pipeline = await _loader.GetAsync(cancellationToken).ConfigureAwait(false);
        EmbeddingRequest request = CreateViewRequest(options, layers, pipeline);
        var result = new TemplateEmbeddings(texts.Length, request.TemplateSet, request.Wanted, pipeline.Encoder.Metadata.Dimensions);
        IAsyncEnumerable<ViewBatch> batches = pipeline.RunAsync(texts, request.TemplateSet, request.Wanted, views => views, cancellationToken);
        await foreach (ViewBatch views in batches.ConfigureAwait(false))
        {
            result.Add(views);
        }

        return result;
    }

    /// <summary>As <see cref="GenerateTemplateEmbeddingsAsync(IEnumerable{string}, IReadOnlyList{LayerSelector}, EmbeddingGenerationOptions?, CancellationToken)"/>, a batch at a time, for what keeps little of each view.</summary>
    /// <param name="values">The texts, enumerated once, when the first batch is asked for. They may be empty; none may be null.</param>
    /// <param name="layers">The layers, at least one.</param>
    /// <param name="options">Options of this request, as for <see cref="GenerateAsync"/>; its layer is not read, and <c>Dimensions</c> must be the model's own where given.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The batches, in the order of the texts, which are their items; views are not normalised.</returns>
    /// <inheritdoc cref="GenerateAsync" path="/exception"/>
    public async IAsyncEnumerable<ViewBatch> GenerateViewsAsync(
        IEnumerable<string> values,
        IReadOnlyList<LayerSelector> layers,
        EmbeddingGenerationOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ThrowIfNone(layers);
        string[] texts = Materialize(values, cancellationToken);
        Pipeline pipeline = await _loader.GetAsync(cancellationToken).ConfigureAwait(false);
        EmbeddingRequest request = CreateViewRequest(options, layers, pipeline);
        IAsyncEnumerable<ViewBatch> batches = pipeline.RunAsync(texts, request.TemplateSet, request.Wanted, views => views, cancellationToken);
        await foreach (ViewBatch views in batches.ConfigureAwait(false))
        {
            yield return views;
        }
    }

    /// <summary>Gives the hidden states of ready prompts' last tokens, a batch at a time.</summary>
    /// <param name="groups">
    /// Token ids of prompts, in groups of at least one: the prompts of a group are encoded by one call, so that what they have in common is computed once.
    /// Every prompt has at least one token and fits the model's context.
    /// </param>
    /// <param name="layers">The layers, at least one.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The batches, in the order of the groups, which are their items.</returns>
    /// <exception cref="ArgumentException">A group or prompt is empty, a prompt is too long, or an id or layer is none of the model's.</exception>
    /// <inheritdoc cref="GenerateAsync" path="/exception[not(@cref='T:System.ArgumentException')]"/>
    public async IAsyncEnumerable<ViewBatch> EncodePromptsAsync(
        IReadOnlyList<IReadOnlyList<ReadOnlyMemory<int>>> groups, IReadOnlyList<LayerSelector> layers, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ThrowIfNone(layers);
        Pipeline pipeline = await _loader.GetAsync(cancellationToken).ConfigureAwait(false);
        EmbeddingRequest request = CreateRequest(null, layers, pipeline);
        TokenizedPrompts prompts = TokenizedPrompts.OfGroups(groups, pipeline.Encoder.Metadata.ContextTokens);
        await foreach (ViewBatch views in pipeline.RunAsync(prompts, request.Wanted with { Prepending = null }, views => views, cancellationToken).ConfigureAwait(false))
        {
            yield return views;
        }
    }

    /// <summary>Tells how much of each text fits the model's context in every template, and what it costs; nothing is encoded. Whether a text that does not fit is an error or cut makes no difference here.</summary>
    /// <param name="values">The texts, enumerated once before any work. They may be empty; none may be null.</param>
    /// <param name="options">Options of this request, as for <see cref="GenerateAsync"/>.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>One measure per text, in order.</returns>
    /// <exception cref="ArgumentException">A text is null, a template alone does not fit, or the options ask for what this model cannot serve.</exception>
    /// <inheritdoc cref="LoadAsync" path="/exception"/>
    public async Task<IReadOnlyList<TextFit>> MeasureAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        string[] texts = Materialize(values, cancellationToken);
        Pipeline pipeline = await _loader.GetAsync(cancellationToken).ConfigureAwait(false);
        EmbeddingRequest request = CreateRequest(options, layers: null, pipeline);
        return await pipeline.MeasureAsync(texts, request.TemplateSet, request.Wanted, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells for each template which words the model would most probably say next: what its view of the text is about (MetaEOL, figure 1).</summary>
    /// <param name="text">The text.</param>
    /// <param name="top">Number of words per template, at least 1.</param>
    /// <param name="options">
    /// Options of this request, as for <see cref="GenerateAsync"/>. A layer before the last is passed through the final norm first ("logit lens").
    /// </param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>One explanation per template, in order.</returns>
    /// <exception cref="NotSupportedException">The model has no output head, or the generator was made from the caller's own encoder.</exception>
    /// <inheritdoc cref="GenerateAsync" path="/exception"/>
    public async Task<IReadOnlyList<TemplateExplanation>> ExplainAsync(
        string text, int top = 10, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        string[] texts = Materialize([text], cancellationToken);
        Pipeline pipeline = await _loader.GetAsync(cancellationToken).ConfigureAwait(false);
        OutputHead head = pipeline.GetOutputHead("Explaining");
        EmbeddingRequest request = CreateRequest(options, layers: null, pipeline);
        return await pipeline.RunAsync(
            texts,
            request.TemplateSet,
            request.Wanted,
            views => NextWords.Explain(head, pipeline.Tokenizer, views, request.TemplateSet.Templates, top, cancellationToken),
            cancellationToken).SingleAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Gives the filter that vectors go through to have the wanted dimensions, for what filters views or vectors itself. The first spectral filter of a model takes as long as its basis takes to compute, where
    /// <see cref="MetaEolOptions.CacheFolder"/> does not hold it yet. Loads the model if it is not loaded yet.
    /// </summary>
    /// <param name="options">Options of this request, as for <see cref="GenerateAsync"/>.</param>
    /// <param name="progress">Receives how far the computation of the basis is, on any thread.</param>
    /// <param name="cancellationToken">Ends the wait; the computation goes on.</param>
    /// <returns>The filter; null where vectors have the model's own dimensions.</returns>
    /// <exception cref="ArgumentException">The model cannot serve the dimensions.</exception>
    /// <exception cref="NotSupportedException">The model has no output head, or the generator was made from the caller's own encoder: then only the random projection is served.</exception>
    /// <inheritdoc cref="LoadAsync" path="/exception"/>
    public async Task<VectorFilter?> GetFilterAsync(
        EmbeddingGenerationOptions? options = null, IProgress<FilterProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        Pipeline pipeline = await _loader.GetAsync(cancellationToken).ConfigureAwait(false);
        return await GetFilterAsync(CreateRequest(options, layers: null, pipeline), pipeline, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Loads the model if it is not loaded yet.</summary>
    /// <param name="cancellationToken">Ends the wait; the load goes on.</param>
    /// <inheritdoc cref="GenerateAsync" path="/exception[@cref='T:MetaEol.Llama.InvalidModelException' or @cref='T:System.ObjectDisposedException']"/>
    public Task LoadAsync(CancellationToken cancellationToken = default) => _loader.GetAsync(cancellationToken);

    /// <summary>
    /// Everything besides text and request options that a vector of this generator depends on: model id, encoder and tokenizer with all they were made from,
    /// template set, layers, role, token prepending, dimensions with their filter, cleaning, reading of special tokens, limits and normalisation. Give it to the caching middleware, so that a changed model or option does not find old vectors.
    /// Loads the model if it is not loaded yet.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait; the load goes on.</param>
    /// <returns>Strings, the same on every machine.</returns>
    /// <exception cref="ArgumentException">The model has no such layer as <see cref="MetaEolOptions.Layer"/> or a template's.</exception>
    /// <inheritdoc cref="LoadAsync" path="/exception"/>
    public Task<IReadOnlyList<object>> GetCacheKeyValuesAsync(CancellationToken cancellationToken = default) => GetCacheKeyValuesAsync(options: null, cancellationToken);

    /// <summary>As <see cref="GetCacheKeyValuesAsync(CancellationToken)"/>, of vectors that are asked for with options: with another template set, layer, role, or other dimensions.</summary>
    /// <param name="options">Options of the request, as for <see cref="GenerateAsync"/>; null takes the generator's.</param>
    /// <param name="cancellationToken">Ends the wait; the load goes on.</param>
    /// <returns>Strings, the same on every machine.</returns>
    /// <exception cref="ArgumentException">The options ask for what this model cannot serve.</exception>
    /// <inheritdoc cref="LoadAsync" path="/exception"/>
    public async Task<IReadOnlyList<object>> GetCacheKeyValuesAsync(EmbeddingGenerationOptions? options, CancellationToken cancellationToken = default)
    {
        Pipeline pipeline = await _loader.GetAsync(cancellationToken).ConfigureAwait(false);
        CreateRequest(options, layers: null, pipeline);
        var own = options as MetaEolEmbeddingGenerationOptions;
        MetaEolOptions vectors = _options.Clone();
        (vectors.TemplateSet, vectors.Layer) = (own?.TemplateSet ?? vectors.TemplateSet, own?.Layer ?? vectors.Layer);
        (vectors.TokenPrepending, vectors.TokenPrependingEnd) = (own?.TokenPrepending ?? vectors.TokenPrepending, own?.TokenPrependingEnd ?? vectors.TokenPrependingEnd);
        (vectors.Dimensions, vectors.Filter) = (options?.Dimensions ?? vectors.Dimensions, own?.Filter ?? vectors.Filter);
        return [ProviderName, _modelId, .. Fingerprint.ValuesOf(pipeline.Encoder, pipeline.Tokenizer, vectors, own?.Role ?? TextRole.Document)];
    }

    /// <summary>
    /// As <see cref="GetCacheKeyValuesAsync(CancellationToken)"/>, for places that cannot wait asynchronously, such as
    /// <c>builder.UseDistributedCache(cache, c =&gt; c.CacheKeyAdditionalValues = generator.GetCacheKeyValues())</c>: blocks until the model is loaded.
    /// </summary>
    /// <inheritdoc cref="GetCacheKeyValuesAsync(CancellationToken)" path="/returns|/exception"/>
    public IReadOnlyList<object> GetCacheKeyValues() => GetCacheKeyValuesAsync().GetAwaiter().GetResult();

    /// <summary>
    /// <see cref="GetCacheKeyValuesAsync(CancellationToken)"/> as one short string. Store it beside a vector collection: if it differs from the generator's, the texts must be
    /// embedded again. Loads the model if it is not loaded yet.
    /// </summary>
    /// <remarks>Where the template set has roles, this is of documents, which are what is stored; their questions need no other.</remarks>
    /// <param name="cancellationToken">Ends the wait; the load goes on.</param>
    /// <returns>32 hexadecimal digits.</returns>
    /// <inheritdoc cref="GetCacheKeyValuesAsync(CancellationToken)" path="/exception"/>
    public Task<string> GetFingerprintAsync(CancellationToken cancellationToken = default) => GetFingerprintAsync(options: null, cancellationToken);

    /// <summary>As <see cref="GetFingerprintAsync(CancellationToken)"/>, of vectors that are asked for with options: with another template set, layer or role.</summary>
    /// <param name="options">Options of the request, as for <see cref="GenerateAsync"/>; null takes the generator's.</param>
    /// <param name="cancellationToken">Ends the wait; the load goes on.</param>
    /// <returns>32 hexadecimal digits.</returns>
    /// <inheritdoc cref="GetCacheKeyValuesAsync(EmbeddingGenerationOptions, CancellationToken)" path="/exception"/>
    public async Task<string> GetFingerprintAsync(EmbeddingGenerationOptions? options, CancellationToken cancellationToken = default) =>
        Fingerprint.Of(await GetCacheKeyValuesAsync(options, cancellationToken).ConfigureAwait(false));

    /// <summary>As <see cref="GetFingerprintAsync(CancellationToken)"/>; blocks until the model is loaded.</summary>
    /// <inheritdoc cref="GetFingerprintAsync(CancellationToken)" path="/returns|/exception"/>
    public string GetFingerprint() => Fingerprint.Of(GetCacheKeyValues());

    /// <inheritdoc/>
    /// <remarks>
    /// Never waits for a load and never throws. Answers at any time for the metadata, <see cref="PromptEncoderMetadata"/> (from the model's configuration), <see cref="TemplateSet"/> and this
    /// object; for encoder, tokenizer and <see cref="LlamaModel"/> once they are loaded (see <see cref="LoadAsync"/>), and with null before.
    /// </remarks>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null)
        {
            return null;
        }

        if (serviceType == typeof(EmbeddingGeneratorMetadata))
        {
            return Metadata;
        }

        if (serviceType == typeof(PromptEncoderMetadata))
        {
            return TryReadMetadata();
        }

        Pipeline? loaded = _disposed ? null : _loader.Value;
        (IPromptEncoder Encoder, ITokenizer Tokenizer)? ready = _disposed ? null : _source.Ready;
        return new object?[] { this, _options.TemplateSet, loaded?.Encoder ?? ready?.Encoder, loaded?.Tokenizer ?? ready?.Tokenizer, loaded?.Model }.FirstOrDefault(serviceType.IsInstanceOfType);
    }

    /// <summary>Ends waiting and running calls with <see cref="ObjectDisposedException"/>, waits for the encoder to stop, and frees the model. Idempotent.</summary>
    public void Dispose()
    {
        _disposed = true;
        _loader.Dispose();
        _source.Dispose();
    }

    private string[] Materialize(IEnumerable<string> values, CancellationToken cancellationToken, [CallerArgumentExpression(nameof(values))] string parameter = "")
    {
        ArgumentNullException.ThrowIfNull(values, parameter);
        ObjectDisposedException.ThrowIf(_disposed, this);
        string[] texts = [.. values];
        int missing = Array.IndexOf(texts, null);
        if (missing >= 0)
        {
            throw new ArgumentException($"Text {missing} is null; an empty text is allowed.", parameter);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return texts;
    }

    private static void ThrowIfNone(IReadOnlyList<LayerSelector> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentOutOfRangeException.ThrowIfZero(layers.Count, nameof(layers));
    }

    private EmbeddingRequest CreateRequest(EmbeddingGenerationOptions? options, IReadOnlyList<LayerSelector>? layers, Pipeline pipeline) =>
        EmbeddingRequest.Create(options, layers, _options, pipeline.Encoder.Metadata, _modelId);

    private EmbeddingRequest CreateViewRequest(EmbeddingGenerationOptions? options, IReadOnlyList<LayerSelector>? layers, Pipeline pipeline) =>
        options?.Dimensions is not int dimensions || dimensions == pipeline.Encoder.Metadata.Dimensions
            ? CreateRequest(options, layers, pipeline)
            : throw new ArgumentException(
                $"Dimensions is {dimensions}, but views have the {pipeline.Encoder.Metadata.Dimensions} dimensions of '{_modelId}': leave it out, and filter them with {nameof(GetFilterAsync)}.", nameof(options));

    private static async Task<VectorFilter?> GetFilterAsync(EmbeddingRequest request, Pipeline pipeline, IProgress<FilterProgress>? progress, CancellationToken cancellationToken) =>
        request.Window is { } window ? await pipeline.Filters.GetAsync(window, progress, cancellationToken).ConfigureAwait(false) : null;

    private Embedding<float>[] Pool(ViewBatch views, int position, TemplateSet set, VectorFilter? filter)
    {
        ReadOnlyMemory<float> states = views.StatesAt(position);
        int item = set.Templates.Count * views.HiddenSize;
        double[] means = new double[views.ItemCount * views.HiddenSize];
        for (int i = 0; i < views.ItemCount; i++)
        {
            MeanPooling.Mean(states.Span.Slice(i * item, item), set.Templates).CopyTo(means, i * views.HiddenSize);
        }

        if (filter is not null)
        {
            double[] filtered = new double[views.ItemCount * filter.Dimensions];
            filter.Apply(means, filtered);
            means = filtered;
        }

        DateTimeOffset createdAt = DateTimeOffset.UtcNow;
        var embeddings = new Embedding<float>[views.ItemCount];
        int width = means.Length / embeddings.Length;
        for (int i = 0; i < embeddings.Length; i++)
        {
            float[] vector = MeanPooling.Finish(means.AsSpan(i * width, width), _options.Normalize, views.FirstItem + i);
            embeddings[i] = new Embedding<float>(vector) { ModelId = _modelId, CreatedAt = createdAt };
        }

        return embeddings;
    }

    private Pipeline Load()
    {
        using Activity? activity = MetaEolTelemetry.Source.StartActivity(MetaEolTelemetry.Load);
        activity?.SetTag("metaeol.model", _modelId);
        long started = Stopwatch.GetTimestamp();
        try
        {
            Pipeline pipeline = _source.Load(_logger);
            TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
            MetaEolTelemetry.RecordLoad(elapsed, MetaEolTelemetry.TagsOf(_modelId, pipeline.Encoder));
            PromptEncoderMetadata encoder = pipeline.Encoder.Metadata;
            _logger.Loaded(_modelId, elapsed.TotalMilliseconds, encoder.LayerCount, encoder.Dimensions, encoder.ContextTokens);
            return pipeline;
        }
        catch (Exception e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            _logger.LoadFailed(_modelId, e);
            throw;
        }
    }

    private PromptEncoderMetadata? TryReadMetadata()
    {
        try
        {
            return _loader.Value?.Encoder.Metadata ?? (_encoder ??= _source.LoadMetadata());
        }
        catch (Exception e)
        {
            // Asking for a service never throws; the same error meets the first call that needs the model.
            _logger.MetadataFailed(_modelId, e);
            return null;
        }
    }
}
