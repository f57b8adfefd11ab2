using MetaEol.Llama.Configuration;
using MetaEol.Llama.Planning;
using MetaEol.Llama.Weights;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MetaEol.Llama.Encoding;

/// <summary>
/// The encoder in managed code: equal beginnings of prompts are computed once, those of earlier calls come from a cache, and layers above the highest wanted
/// one are never run. Concurrent calls take turns, each with all threads.
/// </summary>
public sealed partial class CpuPromptEncoder : IPromptEncoder
{
    private readonly LlamaConfig _config;
    private readonly LlamaWeights _weights;
    private readonly CpuEncoderOptions _options;
    private readonly ILogger _logger;
    private readonly EncoderState _state;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _disposing = new();
    private int _disposed;

    /// <summary>Creates an encoder over a model's weights; it does not dispose them, and keeps them mapped while a call runs.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="options">Options; null takes the defaults.</param>
    /// <param name="logger">Receives the plan of each call at Debug.</param>
    /// <exception cref="ArgumentNullException"><paramref name="config"/> or <paramref name="weights"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public CpuPromptEncoder(LlamaConfig config, LlamaWeights weights, CpuEncoderOptions? options = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        options ??= new CpuEncoderOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1, "options.Threads");
        ArgumentOutOfRangeException.ThrowIfLessThan(options.StepRows, 1, "options.StepRows");
        ArgumentOutOfRangeException.ThrowIfNegative(options.PrefixCacheBytes, "options.PrefixCacheBytes");
        ArgumentOutOfRangeException.ThrowIfLessThan(options.PassBytes, 1, "options.PassBytes");
        _config = config;
        Metadata = PromptEncoderMetadata.Of(config);
        _weights = weights;
        _options = options;
        _logger = logger ?? NullLogger.Instance;
        _state = new EncoderState(config, weights, options);
    }

    /// <inheritdoc/>
    public PromptEncoderMetadata Metadata { get; }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The weights were disposed before it was asked for.</exception>
    public string Fingerprint => $"cpu {_options.Precision} {_weights.Fingerprint}";

    /// <summary>The plan of a call with these prompts on an empty prefix cache, without running it.</summary>
    /// <param name="prompts">Token ids of each prompt, at least one each.</param>
    /// <exception cref="ArgumentException">A prompt is empty.</exception>
    public EncodePlan CreatePlan(IReadOnlyList<ReadOnlyMemory<int>> prompts) => EncodePlan.Create(prompts, _options.SharePrefixes, RotaryKey);

    /// <inheritdoc/>
    public void Encode(IReadOnlyList<ReadOnlyMemory<int>> prompts, ReadOnlySpan<int> layers, Span<float> hiddenStates, CancellationToken cancellationToken = default)
    {
        EncodeChecks.CheckArguments(Metadata, prompts, layers, hiddenStates.Length);
        if (prompts.Count == 0 || layers.Length == 0)
        {
            return;
        }

        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        var sorted = SortedPrompts.Create(prompts, _options.SharePrefixes, RotaryKey);
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposing.Token);
            _turn.Wait(either.Token);
        }
        catch (OperationCanceledException)
        {
            Checkpoint(cancellationToken);
            throw;
        }

        try
        {
            Checkpoint(cancellationToken);
            using IDisposable lease = _weights.Lease();
            var results = new HiddenStateTable(_config, sorted, layers, _weights.FinalNorm);
            Encode(sorted, results, cancellationToken);
            results.CopyTo(hiddenStates);
        }
        finally
        {
            _turn.Release();
        }

        EncodeChecks.CheckStates(_weights, hiddenStates);
    }

    /// <summary>Ends running and waiting calls with <see cref="ObjectDisposedException"/>, waits until they have ended, and frees threads, cache and buffers.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _disposing.Cancel();
        _turn.Wait();
        _state.Dispose();
        _turn.Release();
    }

    private int RotaryKey(int promptLength) => RotaryFrequencies.LengthKey(_config, promptLength);

    private void Encode(SortedPrompts prompts, HiddenStateTable results, CancellationToken cancellationToken)
    {
        bool useCache = _options.SharePrefixes && _options.PrefixCacheBytes > 0;
        PrefixHit[] hits = useCache ? _state.Cache.Find(prompts, results.Depth) : [];
        using var filler = new PrefixCacheFiller(_state, prompts, useCache ? _state.Cache.Admit(prompts, hits, results.Depth) : [], results.Depth);
        int maxRows = (int)Math.Clamp(_options.PassBytes / EncodePass.BytesPerRow(_config), 1, Array.MaxLength);
        for (int first = 0; first < prompts.Count;)
        {
            int count = PromptsWithin(maxRows, first, prompts, hits);
            EncodePlan plan = new PrefixTreeBuilder(prompts, hits).Build(first, count);
            LogPlan(plan);
            var pass = new EncodePass(_state, plan, () => Checkpoint(cancellationToken));
            int firstOfPass = first;
            unsafe
            {
                pass.Run(
                    results.Wanted,
                    (index, states) => results.Store(index, firstOfPass, count, states),
                    (layer, keys, values) => filler.Store(layer, plan, firstOfPass, keys, values));
            }

            first += count;
        }

        filler.Complete();
        _state.TrimRotaryTables();
    }

    /// <summary>Number of prompts, from <paramref name="first"/> and at least one, whose rows together stay within the budget.</summary>
    private static int PromptsWithin(int maxRows, int first, SortedPrompts prompts, PrefixHit[] hits)
    {
        var tree = new PrefixTreeBuilder(prompts, hits);
        long rows = prompts[first].Length;
        int end = first + 1;
        while (end < prompts.Count && (rows += prompts[end].Length - tree.Shared(end)) <= maxRows)
        {
            end++;
        }

        return end - first;
    }

    private void Checkpoint(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void LogPlan(EncodePlan plan)
    {
        if (_logger.IsEnabled(LogLevel.Debug))
        {
            LogPlan(_logger, plan.PromptRows.Length, plan.TokensGiven, plan.TokensComputed, plan.TokensCached, plan.SharingRatio);
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "Encode plan: {Prompts} distinct prompts, {TokensGiven} tokens given, {TokensComputed} computed, {TokensCached} cached, sharing ratio {SharingRatio:0.00}")]
    private static partial void LogPlan(ILogger logger, int prompts, long tokensGiven, int tokensComputed, long tokensCached, double sharingRatio);
}
