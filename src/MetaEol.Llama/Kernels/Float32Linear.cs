namespace MetaEol.Llama.Kernels;

/// <summary>The float32 product: weights stay in the map and are widened panel by panel; nothing of them is kept.</summary>
internal sealed unsafe class Float32Linear<TVector, TSimd>(LinearWeights weights) : Linear(weights)
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    private Float32Product<TVector, TSimd>? _spare;

    /// <inheritdoc/>
    public override void Multiply(WorkerPool pool, float* x, nint xStride, int rows, float* y, nint yStride, bool accumulate)
    {
        if (rows == 0)
        {
            return;
        }

        // One product is kept for the next call; a second caller at the same time makes its own.
        Float32Product<TVector, TSimd> product = Interlocked.Exchange(ref _spare, null) ?? new(Weights);
        product.Run(pool, x, xStride, rows, y, yStride, accumulate);
        _spare = product;
    }
}
