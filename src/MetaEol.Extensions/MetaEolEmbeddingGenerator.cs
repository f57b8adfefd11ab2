using System.Diagnostics;
using MetaEol.Extensions.DependencyInjection;
using MetaEol.Extensions.Diagnostics;
using MetaEol.Extensions.Explaining;
using MetaEol.Extensions.Loading;
using MetaEol.Extensions.Pooling;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
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
public sealed class MetaEolEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private const string ProviderName = "metaeol";

    private readonly MetaEolOptions _options;
    private readonly TemplateSet _templateSet;
    private readonly ModelSource _source;
    private readonly LazyLoader<LoadedModel> _loader;
    private readonly ILogger _logger;
    private readonly string _modelId;
    private PromptEncoderMetadata? _encoder;
    private volatile bool _disposed;

    /// <summary>Creates a generator for a model folder, which is loaded at first use.</summary>
    /// <param name="options">Options, copied; <see cref="MetaEolOptions.ModelPath"/> is required.</param>
    /// <param name="loggerFactory">Receives what is loaded, and at Debug what is computed.</param>
    /// <param name="createEncoder">Makes another encoder than the CPU encoder over the loaded model; disposed with the generator. Runs when the model is loaded.</param>
    /// <param name="createTokenizer">Makes another tokenizer than the built-in one for the model folder. Runs when the model is loaded.</param>
    /// <exception cref="ArgumentException">The options are not valid; the message says what to write instead.</exception>
    public MetaEolEmbeddingGenerator(
        MetaEolOptions options,
        ILoggerFactory? loggerFactory = null,
        Func<LlamaModel, IPromptEncoder>? createEncoder = null,
        Func<string, ITokenizer>? createTokenizer = null)
        : this(
            MetaEolOptionsValidator.ThrowIfInvalid(options, needsModelPath: true),
            valid => new FolderModelSource(valid, createEncoder, createTokenizer, loggerFactory ?? NullLoggerFactory.Instance),
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
            MetaEolOptionsValidator.ThrowIfInvalid(options ?? new MetaEolOptions(), needsModelPath: false),
            valid => new FixedModelSource(
                tokenizer ?? throw new ArgumentNullException(nameof(tokenizer)), encoder ?? throw new ArgumentNullException(nameof(encoder)), valid),
            loggerFactory)
    {
    }

    internal MetaEolEmbeddingGenerator(MetaEolOptions options, Func<MetaEolOptions, ModelSource> createSource, ILoggerFactory? loggerFactory)
    {
        _options = options.Clone();
        _templateSet = _options.ResolveTemplateSet();
        _source = createSource(_options);
        _modelId = _options.ModelId ?? _source.DefaultModelId;
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<MetaEolEmbeddingGenerator>();
        _loader = new LazyLoader<LoadedModel>(Load, nameof(MetaEolEmbeddingGenerator));
    }

    /// <summary>The template set of requests that name none.</summary>
    public TemplateSet TemplateSet => _templateSet;

    /// <summary>Provider name, model id and dimensions; read from the model's configuration, without loading the weights.</summary>
    public EmbeddingGeneratorMetadata Metadata => new(ProviderName, providerUri: null, _modelId, TryReadMetadata()?.Dimensions);

    /// <summary>Gives the embedding of each text.</summary>
    /// <param name="values">The texts, enumerated once before any work. They may be empty; none may be null.</param>
    /// <param name="options">
    /// Options of this request: <see cref="MetaEolEmbeddingGenerationOptions"/> for another template set or layer. <c>Dimensions</c> and <c>ModelId</c>, where
    /// given, must be the model's own.
    /// </param>
    /// <param name="cancellationToken">Ends the request; checked by the encoder before each layer.</param>
    /// <returns>One vector of <c>hidden_size</c> floats per text, in order, and the tokens of all prompts.</returns>
    /// <exception cref="ArgumentException">A text is null or too long, or the options ask for what this model cannot serve.</exception>
    /// <exception cref="InvalidModelException">The model folder cannot be used, or gives a vector that is not finite.</exception>
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
        LoadedModel model = await _loader.GetAsync(cancellationToken).ConfigureAwait(false);
        EmbeddingRequest request = EmbeddingRequest.Create(options, _options.Layer, _templateSet, model.Encoder.Metadata, _modelId);
        var embeddings = new GeneratedEmbeddings<Embedding<float>>(texts.Length);

        // Everything is tokenized before anything is encoded, so that a text that is too long is reported at once.
        TokenizedPrompts prompts = await TokenizeAsync(model, texts, request, cancellationToken).ConfigureAwait(false);
        for (int first = 0, count; first < texts.Length; first += count)
        {
            count = prompts.CountWithin(first, _options.BatchTokens);
            ReadOnlyMemory<float> views = await EncodeAsync(model, prompts.Slice(first, count), [request.Layer], cancellationToken).ConfigureAwait(false);
            Pool(views, first, count, request, embeddings);
        }

        embeddings.Usage = new UsageDetails { InputTokenCount = prompts.TokenCount, TotalTokenCount = prompts.TokenCount };
        _logger.Generated(
            texts.Length, prompts.TemplateCount, request.TemplateSet.Name, request.Layer, prompts.TokenCount, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        return embeddings;
    }

    /// <summary>Gives the view of each text in each template, before pooling.</summary>
    /// <param name="values">The texts, enumerated once before any work. They may be empty; none may be null.</param>
    /// <param name="options">Options of this request, as for <see cref="GenerateAsync"/>.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>Views <c>[texts × templates × 1 × hidden]</c>, not normalised.</returns>
    /// <inheritdoc cref="GenerateAsync" path="/exception"/>
    public Task<TemplateEmbeddings> GenerateTemplateEmbeddingsAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        LayerSelector layer = (options as MetaEolEmbeddingGenerationOptions)?.Layer ?? _options.Layer;
        return GenerateTemplateEmbeddingsAsync(values, [layer], options, cancellationToken);
    }

    /// <summary>Gives the view of each text in each template at several layers, from one pass through the model.</summary>
    /// <param name="values">The texts, enumerated once before any work. They may be empty; none may be null.</param>
    /// <param name="layers">The layers, at least one.</param>
    /// <param name="options">Options of this request, as for <see cref="GenerateAsync"/>; its layer is not read.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>Views <c>[texts × templates × layers × hidden]</c>, not normalised.</returns>
    /// <inheritdoc cref="GenerateAsync" path="/exception"/>
    public async Task<TemplateEmbeddings> GenerateTemplateEmbeddingsAsync(
        IEnumerable<string> values, IReadOnlyList<LayerSelector> layers, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentOutOfRangeException.ThrowIfZero(layers.Count, nameof(layers));
        string[] texts = Materialize(values, cancellationToken);
        LoadedModel model = await _loader.GetAsync(cancellationToken).ConfigureAwait(false);
        EmbeddingRequest request = EmbeddingRequest.Create(options, layers[0], _templateSet, model.Encoder.Metadata, _modelId);
        int[] indices = [.. layers.Select(layer => layer.Resolve(model.Encoder.Metadata.LayerCount))];

        TokenizedPrompts prompts = await TokenizeAsync(model, texts, request, cancellationToken).ConfigureAwait(false);
        var result = new TemplateEmbeddings(texts.Length, request.TemplateSet, indices, model.Encoder.Metadata.Dimensions, prompts.TokenCount);
        for (int first = 0, count; first < texts.Length; first += count)
        {
            count = prompts.CountWithin(first, _options.BatchTokens);
            ReadOnlyMemory<float> views = await EncodeAsync(model, prompts.Slice(first, count), indices, cancellationToken).ConfigureAwait(false);
            int stride = views.Length / count;
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<float> ofText = views.Span.Slice(i * stride, stride);
                MeanPooling.ThrowIfNotFinite(ofText, model.Encoder.Metadata.Dimensions, request.TemplateSet.Templates, first + i);
                ofText.CopyTo(result.ViewsOf(first + i));
            }
        }

        return result;
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
        TemplateEmbeddings views = await GenerateTemplateEmbeddingsAsync([text], options, cancellationToken).ConfigureAwait(false);
        LoadedModel model = await _loader.GetAsync(cancellationToken).ConfigureAwait(false);
        LlamaModel weights = model.Model
            ?? throw new NotSupportedException("Explaining needs the model's output head, which a generator made from an encoder of the caller's does not have; create it from a model folder.");
        return await Task.Run(() => NextWords.Explain(weights, model.Tokenizer, views, top, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Loads the model if it is not loaded yet.</summary>
    /// <param name="cancellationToken">Ends the wait; the load goes on.</param>
    /// <inheritdoc cref="GenerateAsync" path="/exception[@cref='T:MetaEol.Llama.InvalidModelException' or @cref='T:System.ObjectDisposedException']"/>
    public Task LoadAsync(CancellationToken cancellationToken = default) => _loader.GetAsync(cancellationToken);

    /// <summary>
    /// Everything besides text and request options that a vector of this generator depends on: model id and fingerprint, template set, layer, cleaning, limits,
    /// normalisation and precision. Give it to the caching middleware, so that a changed model or option does not find old vectors:
    /// <c>builder.UseDistributedCache(cache, c =&gt; c.CacheKeyAdditionalValues = generator.GetCacheKeyValues())</c>.
    /// </summary>
    /// <remarks>
    /// Reads the model's configuration and samples of its weights at the first call; does not load the model. Nothing is known here of an encoder or tokenizer
    /// in the place of the built-in ones: if theirs are other vectors, say so in <see cref="MetaEolOptions.ModelId"/>.
    /// </remarks>
    public IReadOnlyList<object> GetCacheKeyValues() =>
    [
        ProviderName,
        _modelId,
        _source.Fingerprint,
        _templateSet.Fingerprint,
        $"layer={_options.Layer.Resolve(ReadMetadata().LayerCount)}",
        $"clean={_options.CleanText}",
        $"max={_options.MaxTextTokens},{_options.TextOverflow}",
        $"normalize={_options.Normalize}",
        $"precision={_options.Precision}",
    ];

    /// <summary>
    /// <see cref="GetCacheKeyValues"/> as one short string. Store it beside a vector collection: if it differs from the generator's, the texts must be
    /// embedded again.
    /// </summary>
    /// <returns>32 hexadecimal digits.</returns>
    public string GetFingerprint() => Fingerprint.Of(GetCacheKeyValues());

    /// <inheritdoc/>
    /// <remarks>Answers for the metadata and for this object; and for encoder, tokenizer and <see cref="LlamaModel"/>, for which it loads the model.</remarks>
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

        if (serviceType.IsInstanceOfType(this))
        {
            return this;
        }

        if (serviceType == typeof(PromptEncoderMetadata))
        {
            return TryReadMetadata();
        }

        bool ofModel = serviceType == typeof(LlamaModel) || typeof(IPromptEncoder).IsAssignableFrom(serviceType) || typeof(ITokenizer).IsAssignableFrom(serviceType);
        return ofModel && TryLoad() is { } model
            ? new object?[] { model.Encoder, model.Tokenizer, model.Model }.FirstOrDefault(serviceType.IsInstanceOfType)
            : null;
    }

    /// <summary>Ends waiting and running calls with <see cref="ObjectDisposedException"/>, waits for the encoder to stop, and frees the model. Idempotent.</summary>
    public void Dispose()
    {
        _disposed = true;
        _loader.Dispose();
    }

    private string[] Materialize(IEnumerable<string> values, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(values);
        ObjectDisposedException.ThrowIf(_disposed, this);
        string[] texts = [.. values];
        int missing = Array.IndexOf(texts, null);
        if (missing >= 0)
        {
            throw new ArgumentException($"Text {missing} is null; an empty text is allowed.", nameof(values));
        }

        cancellationToken.ThrowIfCancellationRequested();
        return texts;
    }

    private async Task<TokenizedPrompts> TokenizeAsync(LoadedModel model, string[] texts, EmbeddingRequest request, CancellationToken cancellationToken)
    {
        using Activity? activity = MetaEolTelemetry.Source.StartActivity(MetaEolTelemetry.Tokenize);
        TokenizedPrompts prompts = await model.Prompts.TokenizeAsync(texts, request.TemplateSet, cancellationToken).ConfigureAwait(false);
        activity?.SetTag("metaeol.texts", texts.Length).SetTag("metaeol.templates", prompts.TemplateCount).SetTag("metaeol.tokens", prompts.TokenCount);
        MetaEolTelemetry.RecordTokens(prompts.TokenCount);
        return prompts;
    }

    private static async Task<ReadOnlyMemory<float>> EncodeAsync(
        LoadedModel model, IReadOnlyList<ReadOnlyMemory<int>> prompts, int[] layers, CancellationToken cancellationToken)
    {
        using Activity? activity = MetaEolTelemetry.Source.StartActivity(MetaEolTelemetry.Encode);
        activity?.SetTag("metaeol.prompts", prompts.Count).SetTag("metaeol.layers", string.Join(',', layers));
        return await model.Queue.EncodeAsync(prompts, layers, cancellationToken).ConfigureAwait(false);
    }

    private void Pool(ReadOnlyMemory<float> views, int first, int count, EmbeddingRequest request, GeneratedEmbeddings<Embedding<float>> embeddings)
    {
        using Activity? activity = MetaEolTelemetry.Source.StartActivity(MetaEolTelemetry.Pool);
        DateTimeOffset createdAt = DateTimeOffset.UtcNow;
        int stride = views.Length / count;
        for (int i = 0; i < count; i++)
        {
            float[] vector = MeanPooling.Pool(views.Span.Slice(i * stride, stride), request.TemplateSet.Templates, _options.Normalize, first + i);
            embeddings.Add(new Embedding<float>(vector) { ModelId = _modelId, CreatedAt = createdAt });
        }
    }

    private LoadedModel Load()
    {
        using Activity? activity = MetaEolTelemetry.Source.StartActivity(MetaEolTelemetry.Load);
        activity?.SetTag("metaeol.model", _modelId);
        long started = Stopwatch.GetTimestamp();
        try
        {
            LoadedModel model = _source.Load(_logger);
            TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
            MetaEolTelemetry.RecordLoad(elapsed);
            PromptEncoderMetadata encoder = model.Encoder.Metadata;
            _logger.Loaded(_modelId, elapsed.TotalMilliseconds, encoder.LayerCount, encoder.Dimensions, encoder.ContextTokens);
            return model;
        }
        catch (Exception e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            _logger.LoadFailed(_modelId, e);
            throw;
        }
    }

    private PromptEncoderMetadata ReadMetadata() => _encoder ??= _loader.Value?.Encoder.Metadata ?? _source.LoadMetadata();

    private PromptEncoderMetadata? TryReadMetadata()
    {
        try
        {
            return ReadMetadata();
        }
        catch (Exception e)
        {
            // Asking for a service never throws; the same error meets the first call that needs the model.
            _logger.MetadataFailed(_modelId, e);
            return null;
        }
    }

    private LoadedModel? TryLoad()
    {
        try
        {
            return _loader.GetAsync(CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Exception)
        {
            // Asking for a service never throws; the load has logged what is wrong.
            return null;
        }
    }
}
