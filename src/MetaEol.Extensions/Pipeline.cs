using System.Diagnostics;
using System.Runtime.CompilerServices;
using MetaEol.Extensions.Batching;
using MetaEol.Extensions.Diagnostics;
using MetaEol.Extensions.Filtering;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using MetaEol.Llama.Planning;
using Microsoft.Extensions.Logging;

namespace MetaEol.Extensions;

/// <summary>
/// The way of a text through a loaded model, in five stages: prompt, tokenize, plan, encode, pool. Every result of this library is what a pool stage makes of the views. Owns
/// the encoder, and the model folder's content where there is one.
/// </summary>
internal sealed class Pipeline : IDisposable
{
    private readonly PromptTokenizer _tokenizer;
    private readonly EncodeQueue _queue;
    private readonly WorkLimits _limits;
    private readonly bool _cleanText;
    private readonly int _threads;
    private readonly KeyValuePair<string, object?>[] _tags;
    private readonly Lock _headGate = new();
    private OutputHead? _head;
    private bool _disposed;

    /// <summary>Takes ownership of the encoder, and of the model where there is one.</summary>
    /// <exception cref="NotSupportedException">The tokenizer cannot do what the options ask for.</exception>
    public Pipeline(ITokenizer tokenizer, IPromptEncoder encoder, LlamaModel? model, MetaEolOptions options, ILogger logger)
    {
        Tokenizer = tokenizer;
        Encoder = encoder;
        Model = model;
        _tokenizer = new PromptTokenizer(tokenizer, encoder.Metadata, options, logger);
        _limits = options.Limits;
        _queue = new EncodeQueue(encoder, _limits, options.MaxWaitingTokens, options.ModelId);
        _tags = MetaEolTelemetry.TagsOf(options.ModelId, encoder);
        _cleanText = options.CleanText;
        _threads = options.Cpu.Threads;
        Filters = new FilterStore(model, encoder.Metadata.Dimensions, options, logger);
    }

    public ITokenizer Tokenizer { get; }

    public IPromptEncoder Encoder { get; }

    /// <summary>The model folder's content; null where the encoder was made without it.</summary>
    public LlamaModel? Model { get; }

    /// <summary>The filters of dimensions.</summary>
    public FilterStore Filters { get; }

    /// <summary>The model's output head, made when it is first asked for; one for all requests, so that they take turns with its threads.</summary>
    /// <param name="purpose">What needs it, for the message.</param>
    /// <exception cref="NotSupportedException">There is no model folder's content, or it has no output head.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline is disposed.</exception>
    public OutputHead GetOutputHead(string purpose)
    {
        LlamaModel model = Model ?? throw new NotSupportedException(
            $"{purpose} needs the model's output head, which a generator whose encoder was made without the model folder's weights does not have; create it from a model folder, with the CPU encoder or one that is made from {nameof(EncoderContext)}.{nameof(EncoderContext.Model)}.");
        lock (_headGate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(MetaEolEmbeddingGenerator));
            return _head ??= model.CreateOutputHead(_threads);
        }
    }

    /// <summary>The ids of a text that stands alone, without those that the tokenizer adds around it.</summary>
    public ReadOnlySpan<int> OwnTokens(string text) => _tokenizer.OwnTokens(text);

    /// <summary>Runs texts through all five stages.</summary>
    /// <remarks>Everything is tokenized before anything is encoded, so that a text that is too long is reported at once.</remarks>
    /// <param name="texts">The texts; they are the items of the batches.</param>
    /// <param name="templates">The templates.</param>
    /// <param name="wanted">What is wanted of the prompts.</param>
    /// <param name="pool">The last stage: what becomes of a batch's views.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>What <paramref name="pool"/> gives for each batch, in order.</returns>
    /// <exception cref="InvalidModelException">A hidden state is not finite, or zero.</exception>
    public async IAsyncEnumerable<T> RunAsync<T>(
        IReadOnlyList<string> texts, TemplateSet templates, WantedStates wanted, Func<ViewBatch, T> pool, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        PromptSet prompts = Prompt(texts, templates, wanted);
        TokenizedPrompts tokens = await TokenizeAsync(prompts, cancellationToken).ConfigureAwait(false);
        await foreach (T pooled in RunAsync(tokens, wanted, pool, cancellationToken).ConfigureAwait(false))
        {
            yield return pooled;
        }
    }

    /// <summary>Runs passages with a question behind each through all five stages: their views are the last layer's states before each of the question's tokens.</summary>
    /// <param name="passages">The passages; they are the items of the batches.</param>
    /// <param name="prompt">The prompt around a passage.</param>
    /// <param name="question">The question, which follows the prompt.</param>
    /// <param name="pool">The last stage: what becomes of a batch's views.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <inheritdoc cref="RunAsync{T}(IReadOnlyList{string}, TemplateSet, WantedStates, Func{ViewBatch, T}, CancellationToken)" path="/returns|/exception"/>
    public async IAsyncEnumerable<T> RunAsync<T>(
        IReadOnlyList<string> passages, RerankPrompt prompt, string question, Func<ViewBatch, T> pool, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        PromptSet prompts = Prompt(passages, prompt, question);
        TokenizedPrompts tokens = await TokenizeAsync(prompts, cancellationToken).ConfigureAwait(false);
        await foreach (T pooled in RunAsync(tokens, WantedStates.Of([Encoder.Metadata.LayerCount]), pool, cancellationToken).ConfigureAwait(false))
        {
            yield return pooled;
        }
    }

    /// <summary>Runs ready prompts through the last three stages.</summary>
    /// <inheritdoc cref="RunAsync{T}(IReadOnlyList{string}, TemplateSet, WantedStates, Func{ViewBatch, T}, CancellationToken)"/>
    public async IAsyncEnumerable<T> RunAsync<T>(TokenizedPrompts tokens, WantedStates wanted, Func<ViewBatch, T> pool, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // As many calls as the encoder computes at a time are under way; their results keep the order of the texts.
        var running = new Queue<(int First, int Count, Task<ReadOnlyMemory<float>> States)>();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            foreach ((int first, int count) in Plan(tokens))
            {
                running.Enqueue((first, count, EncodeAsync(new EncodeRequest(tokens.Slice(first, count), wanted, tokens.Placeholders(first, count)), begun: first > 0, ended.Token)));
                if (running.Count == Encoder.Metadata.ConcurrentCalls)
                {
                    yield return await NextAsync().ConfigureAwait(false);
                }
            }

            while (running.Count > 0)
            {
                yield return await NextAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            // Where one has failed, or nobody asks for the rest, the others are in vain.
            await ended.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(running.Select(call => (Task)call.States)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task<T> NextAsync()
        {
            (int first, int count, Task<ReadOnlyMemory<float>> states) = running.Dequeue();
            try
            {
                return Pool(new ViewBatch(tokens, first, count, wanted, Encoder.Metadata.Dimensions, await states.ConfigureAwait(false)), pool);
            }
            catch (OperationCanceledException e) when (e.CancellationToken == ended.Token)
            {
                // The caller knows its own token only.
                throw new OperationCanceledException(e.Message, e, cancellationToken);
            }
        }
    }

    /// <summary>Takes texts through the first two stages, for what fits of each.</summary>
    /// <exception cref="ArgumentException">A template alone does not fit.</exception>
    public async Task<TextFit[]> MeasureAsync(IReadOnlyList<string> texts, TemplateSet templates, WantedStates wanted, CancellationToken cancellationToken)
    {
        PromptSet prompts = Prompt(texts, templates, wanted);
        TokenizedPrompts tokens = await _tokenizer.MeasureAsync(prompts, cancellationToken).ConfigureAwait(false);
        return [.. Enumerable.Range(0, texts.Count).Select(text => new TextFit(prompts.Text(text).Length, tokens.TokensOf(text)))];
    }

    /// <summary>Ends waiting and running requests, waits for the encoder to stop, and disposes it and the model.</summary>
    public void Dispose()
    {
        // Only when the encoder has stopped may the weights be unmapped.
        Filters.Dispose();
        _queue.Dispose();
        lock (_headGate)
        {
            _disposed = true;
        }

        _head?.Dispose();
        Model?.Dispose();
    }

    // 1: texts → prompts [texts × templates].
    private PromptSet Prompt(IReadOnlyList<string> texts, TemplateSet templates, WantedStates wanted)
    {
        using Activity? span = MetaEolTelemetry.Source.StartActivity(MetaEolTelemetry.Prompt);
        span?.SetTag("metaeol.texts", texts.Count).SetTag("metaeol.templates", templates.Templates.Count);
        return new PromptSet(texts, templates, _cleanText, prepends: wanted.Prepending is not null);
    }

    private PromptSet Prompt(IReadOnlyList<string> passages, RerankPrompt prompt, string question)
    {
        using Activity? span = MetaEolTelemetry.Source.StartActivity(MetaEolTelemetry.Prompt);
        span?.SetTag("metaeol.texts", passages.Count).SetTag("metaeol.templates", 1);
        return new PromptSet(passages, prompt, question, _tokenizer.MayReadPlain(prompt, question));
    }

    // 2: prompts → token ids.
    private async Task<TokenizedPrompts> TokenizeAsync(PromptSet prompts, CancellationToken cancellationToken)
    {
        using Activity? span = MetaEolTelemetry.Source.StartActivity(MetaEolTelemetry.Tokenize);
        TokenizedPrompts tokens = await _tokenizer.TokenizeAsync(prompts, cancellationToken).ConfigureAwait(false);
        span?.SetTag("metaeol.tokens", tokens.TokenCount);
        return tokens;
    }

    // 3: token ids → calls of the encoder, which plans within each what prompts have in common.
    private List<(int First, int Count)> Plan(TokenizedPrompts tokens)
    {
        using Activity? span = MetaEolTelemetry.Source.StartActivity(MetaEolTelemetry.Plan);
        List<(int First, int Count)> calls = [.. _limits.Calls(tokens.ItemCount, tokens.TokensOf)];
        span?.SetTag("metaeol.tokens", tokens.TokenCount).SetTag("metaeol.calls", calls.Count);
        MetaEolTelemetry.RecordTokens(tokens.TokenCount, _tags);
        return calls;
    }

    // 4: prompts of a call → hidden states [prompts × layers × hidden].
    private async Task<ReadOnlyMemory<float>> EncodeAsync(EncodeRequest request, bool begun, CancellationToken cancellationToken)
    {
        using Activity? span = MetaEolTelemetry.Source.StartActivity(MetaEolTelemetry.Encode);
        span?.SetTag("metaeol.prompts", request.Prompts.Count).SetTag("metaeol.layers", request.Wanted.Names);
        return await _queue.EncodeAsync(request, begun, cancellationToken).ConfigureAwait(false);
    }

    // 5: hidden states → what the caller wants of them.
    private static T Pool<T>(ViewBatch views, Func<ViewBatch, T> pool)
    {
        using Activity? span = MetaEolTelemetry.Source.StartActivity(MetaEolTelemetry.Pool);
        span?.SetTag("metaeol.items", views.ItemCount);
        views.ThrowIfFaulty();
        return pool(views);
    }
}
