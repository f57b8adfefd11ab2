namespace MetaEol.Llama.Kernels;

/// <summary>The 8-bit product: weights are quantized at the first call and kept, about one byte each; inputs are quantized in every call.</summary>
/// <remarks>
/// Weights and inputs have one scale for each row and block of at most 128 columns. Integer sums are exact and scales are computed alike everywhere, so the result is the same
/// on every machine.
/// </remarks>
internal sealed unsafe class Int8Linear<TVector, TInt8, TFloat, TSimd>(LinearWeights weights) : Linear(weights)
    where TVector : struct
    where TInt8 : struct, IInt8Simd<TVector, TFloat>
    where TFloat : struct
    where TSimd : struct, ISimd<TFloat>
{
    private readonly Lock _gate = new();
    private Int8Weights? _quantized;
    private Int8Product<TVector, TInt8, TFloat, TSimd>? _spare;
    private bool _disposed;

    /// <inheritdoc/>
    public override void Multiply(WorkerPool pool, float* x, nint xStride, int rows, float* y, nint yStride, bool accumulate)
    {
        if (rows == 0)
        {
            return;
        }

        ObjectDisposedException.ThrowIf(_disposed, this);
        Int8Weights quantized = Volatile.Read(ref _quantized) ?? Quantize(pool);
        Int8Product<TVector, TInt8, TFloat, TSimd> product = Interlocked.Exchange(ref _spare, null) ?? new(Weights, quantized);
        product.Run(pool, x, xStride, rows, y, yStride, accumulate);
        _spare = product;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _quantized?.Dispose();
        }
    }

    private Int8Weights Quantize(WorkerPool pool)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _quantized ??= new Int8Weights(Weights, MatrixProduct.PanelVectors * TSimd.Lanes, TInt8.Step, TInt8.WeightOffset, pool);
        }
    }
}
