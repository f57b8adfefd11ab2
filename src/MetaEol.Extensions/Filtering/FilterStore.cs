using System.Diagnostics;
using MetaEol.Extensions.Diagnostics;
using MetaEol.Llama;
using MetaEol.Llama.Filtering;
using Microsoft.Extensions.Logging;

namespace MetaEol.Extensions.Filtering;

/// <summary>The filters of a loaded model, each made once, on a thread of its own, however many requests wait for it. A failure is reported to all who waited, and tried again by the next request.</summary>
internal sealed class FilterStore : IDisposable
{
    private readonly LlamaModel? _model;
    private readonly int _ownDimensions;
    private readonly int _threads;
    private readonly BasisCache _cache;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Lock _basisGate = new();
    private readonly Dictionary<DimensionWindow, Task<VectorFilter>> _filters = [];
    private readonly CancellationTokenSource _disposing = new();
    private readonly CancellationToken _disposal;
    private readonly SharedProgress _progress = new();

    // Only where the cache's folder cannot be written.
    private SpectralBasis? _unsaved;

    public FilterStore(LlamaModel? model, int ownDimensions, MetaEolOptions options, ILogger logger)
    {
        _model = model;
        _ownDimensions = ownDimensions;
        _threads = options.Cpu.Threads;
        _cache = options.CacheFolder is { } folder ? new BasisCache(folder) : BasisCache.FromEnvironment();
        _logger = logger;
        _disposal = _disposing.Token;
    }

    /// <summary>The filter of a window. <paramref name="progress"/> follows the computation of the basis, whoever caused it. Cancellation ends this caller's wait; the computation goes on, for the next.</summary>
    /// <exception cref="NotSupportedException">There is no output head to take a spectrum of.</exception>
    /// <exception cref="InvalidModelException">The output head cannot be used.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed, or becomes so meanwhile.</exception>
    public async Task<VectorFilter> GetAsync(DimensionWindow window, IProgress<FilterProgress>? progress, CancellationToken cancellationToken)
    {
        using IDisposable following = _progress.Follow(progress);
        Task<VectorFilter> filter;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposal.IsCancellationRequested, typeof(MetaEolEmbeddingGenerator));
            if (!_filters.TryGetValue(window, out filter!) || filter.IsFaulted)
            {
                filter = Task.Factory.StartNew(() => Make(window), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
                _filters[window] = filter;
            }
        }

        try
        {
            return await (filter.IsCompleted ? filter : filter.WaitAsync(cancellationToken)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ObjectDisposedException(nameof(MetaEolEmbeddingGenerator));
        }
    }

    /// <summary>Ends computations that are under way.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposing.Cancel();
        }
    }

    private VectorFilter Make(DimensionWindow window)
    {
        if (window.Kind == DimensionFilterKind.Random)
        {
            return RandomProjection.Create(_ownDimensions, window.Dimensions, window.Seed, _threads, _disposal);
        }

        LlamaModel model = _model ?? throw new NotSupportedException(
            $"The spectral filter needs the model's output head, which a generator whose encoder was made without the model folder's weights does not have: let {nameof(MetaEolOptions.Filter)} be random, or create the generator from a model folder, with the CPU encoder or one that is made from {nameof(EncoderContext)}.{nameof(EncoderContext.Model)}.");

        // One at a time: whoever comes second finds the first one's basis.
        lock (_basisGate)
        {
            SpectralBasis basis = _unsaved ?? _cache.Find(model.Weights) ?? Compute(model);
            return window.Start <= basis.SingularValues.Count - window.Dimensions
                ? basis.Window(window.Start, window.Dimensions)
                : throw new NotSupportedException(
                    $"The spectrum of a vocabulary of {basis.SingularValues.Count} tokens has no more vectors than that, of which {window.Dimensions} from {window.Start} on are not all: let {nameof(MetaEolOptions.Filter)} be random, or start earlier.");
        }
    }

    private SpectralBasis Compute(LlamaModel model)
    {
        _logger.ComputingBasis(model.Folder);
        long started = Stopwatch.GetTimestamp();
        using Activity? span = MetaEolTelemetry.Source.StartActivity(MetaEolTelemetry.Filter);
        SpectralBasis basis = SpectralBasis.Compute(model.Weights, _threads, _progress, _disposal);
        try
        {
            _cache.Keep(model.Weights, basis);
            _logger.KeptBasis(_cache.PathOf(model.Weights), Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _unsaved = basis;
            _logger.BasisNotKept(_cache.Folder, exception);
        }

        return basis;
    }
}
