using MetaEol.Llama.Configuration;
using MetaEol.Llama.Planning;
using MetaEol.Llama.Weights;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MetaEol.Llama.Encoders;

/// <summary>
/// The encoder in managed code: equal beginnings of prompts are computed once, those of earlier calls come from a cache, and layers above the highest wanted
/// one are never run. Concurrent calls take turns, each with all threads.
/// </summary>
public sealed class CpuPromptEncoder : IPromptEncoder
{
    private readonly LlamaWeights _weights;
    private readonly EncoderState _state;
    private readonly Precision _precision;
    private readonly EncodePlanner<PrefixKeysValues> _planner;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _disposing = new();
    private int _disposed;

    /// <summary>Creates an encoder over a model's weights; it does not dispose them, and keeps them mapped while a call runs.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="options">Options, copied; null takes the defaults.</param>
    /// <param name="logger">Receives the plan of each pass at Debug.</param>
    /// <exception cref="ArgumentNullException"><paramref name="config"/> or <paramref name="weights"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is blank.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="NotSupportedException">The weights are quantized, and the precision is another than 8 bits.</exception>
    /// <exception cref="PlatformNotSupportedException">This machine does not have the precision; the message says which it has.</exception>
    public CpuPromptEncoder(LlamaConfig config, LlamaWeights weights, CpuEncoderOptions? options = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        options = options is null ? new CpuEncoderOptions() : options with { };
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1, "options.Threads");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Threads, CpuEncoderOptions.MaximumThreads, "options.Threads");
        ArgumentOutOfRangeException.ThrowIfLessThan(options.StepRows, 1, "options.StepRows");
        ArgumentOutOfRangeException.ThrowIfNegative(options.PrefixCacheBytes, "options.PrefixCacheBytes");
        ArgumentOutOfRangeException.ThrowIfLessThan(options.PassBytes, 1, "options.PassBytes");
        if (options.PrefixCachePath is { } path && string.IsNullOrWhiteSpace(path))
        {
            throw new ArgumentException("The folder's name is blank; expected a folder, or null to keep nothing between processes.", "options.PrefixCachePath");
        }

        Metadata = PromptEncoderMetadata.Of(config);
        _weights = weights;
        var products = new EncoderProducts(options, weights.IsQuantized, logger ?? NullLogger.Instance);
        _precision = products.Precision;
        PrefixFolder? folder = options.PrefixCachePath is null || options.PrefixCacheBytes == 0
            ? null
            : new PrefixFolder(options.PrefixCachePath, Fingerprint, config.LayerCount, config.KeyValueHeads * config.HeadDimension, options.PrefixCacheBytes, logger ?? NullLogger.Instance);
        _state = new EncoderState(config, weights, options, products, folder);
        var planning = new EncodePlannerOptions
        {
            PassRows = _state.Limits.PassRows(EncodePass.BytesPerRow(config)),
            SharePrefixes = options.SharePrefixes,
            PrefixCacheBytes = options.PrefixCacheBytes,
            StopsEarly = true,
            RotaryKey = length => RotaryFrequencies.LengthKey(config, length),
        };
        _planner = new EncodePlanner<PrefixKeysValues>(_state, Metadata, planning, logger);
    }

    /// <inheritdoc/>
    public PromptEncoderMetadata Metadata { get; }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The weights were disposed before it was asked for.</exception>
    public string Fingerprint => $"cpu {_precision} {_weights.Fingerprint}";

    string? IPromptEncoder.Precision => _precision.ToString().ToLowerInvariant();

    /// <summary>The plan of a call with these prompts on an empty prefix cache, without running it.</summary>
    /// <param name="prompts">Token ids of each prompt, at least one each.</param>
    /// <exception cref="ArgumentException">A prompt is empty.</exception>
    public EncodePlan CreatePlan(IReadOnlyList<ReadOnlyMemory<int>> prompts) => _planner.CreatePlan(prompts);

    /// <inheritdoc/>
    public void Encode(IReadOnlyList<ReadOnlyMemory<int>> prompts, ReadOnlySpan<int> layers, Span<float> hiddenStates, CancellationToken cancellationToken = default) =>
        Encode(new PromptBatch(prompts, layers), hiddenStates, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Prompts run no further than the deepest layer that they themselves want.</remarks>
    public void Encode(PromptBatch batch, Span<float> hiddenStates, CancellationToken cancellationToken = default)
    {
        EncodeCall call = _planner.CreateCall(batch, hiddenStates.Length);
        if (call.IsEmpty)
        {
            return;
        }

        ObjectDisposedException.ThrowIf(_disposed != 0, this);
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
            _planner.Run(call, () => Checkpoint(cancellationToken));
        }
        finally
        {
            _turn.Release();
        }

        call.CopyTo(hiddenStates);
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
        _planner.Dispose();
        _state.Dispose();
        _turn.Release();
    }

    private void Checkpoint(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
