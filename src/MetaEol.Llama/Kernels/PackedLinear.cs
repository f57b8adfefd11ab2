namespace MetaEol.Llama.Kernels;

/// <summary>A product whose weights are packed at the first call and kept until it is disposed; inputs are converted in every call.</summary>
/// <typeparam name="TWeights">The packed weights.</typeparam>
internal abstract unsafe class PackedLinear<TWeights>(LinearWeights weights) : Linear(weights)
    where TWeights : class, IDisposable
{
    private readonly Lock _gate = new();
    private TWeights? _packed;
    private PackedProduct? _spare;
    private bool _disposed;

    /// <inheritdoc/>
    public sealed override void Multiply(WorkerPool pool, float* x, nint xStride, int rows, float* y, nint yStride, bool accumulate) =>
        Multiply(pool, null, x, xStride, rows, y, yStride, accumulate);

    /// <inheritdoc/>
    public sealed override void Multiply(WorkerPool pool, RowMaker? make, float* x, nint xStride, int rows, float* y, nint yStride, bool accumulate)
    {
        if (rows == 0)
        {
            return;
        }

        ObjectDisposedException.ThrowIf(_disposed, this);
        TWeights packed = Volatile.Read(ref _packed) ?? PackOnce(pool);

        // One product is kept for the next call; a second caller at the same time makes its own.
        PackedProduct product = Interlocked.Exchange(ref _spare, null) ?? CreateProduct(packed);
        product.Run(pool, make, x, xStride, rows, y, yStride, accumulate);
        _spare = product;
    }

    /// <inheritdoc/>
    public sealed override void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _packed?.Dispose();
        }

        base.Dispose();
    }

    /// <summary>Packs the weights with every thread of the pool.</summary>
    protected abstract TWeights Pack(WorkerPool pool);

    /// <summary>What one call computes with.</summary>
    protected abstract PackedProduct CreateProduct(TWeights packed);

    private TWeights PackOnce(WorkerPool pool)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _packed ??= Pack(pool);
        }
    }
}
