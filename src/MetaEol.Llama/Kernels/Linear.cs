namespace MetaEol.Llama.Kernels;

/// <summary>
/// The matrix product, and the seam between the decoder and how it is computed: weights go in once, rows go in, rows come out. One or several projections of the same input
/// count as one product whose outputs lie behind one another.
/// </summary>
/// <remarks>
/// An implementation reads the weights where they lie or packs them as it likes, before the first call or at it, and keeps what it packed until it is disposed; the weights
/// stay mapped at least as long. <see cref="LinearFactory"/> chooses the implementation.
/// </remarks>
/// <param name="weights">The weights.</param>
internal abstract unsafe class Linear(LinearWeights weights) : IDisposable
{
    /// <summary>Rows that one thread makes or converts at a time.</summary>
    protected const int RowsOfItem = 8;

    /// <summary>Width of an input row.</summary>
    public int Inputs => weights.Inputs;

    /// <summary>Width of an output row: the sum over all parts.</summary>
    public int Outputs => weights.Outputs;

    /// <summary>The weights.</summary>
    protected LinearWeights Weights => weights;

    /// <summary>y[rows × Outputs] = x[rows × Inputs] · Wᵀ + bias, or added to y if <paramref name="accumulate"/>. Strides are in floats. Uses every thread of the pool.</summary>
    /// <remarks>A row's result does not depend on the other rows, on the number of threads or on the vector width. Safe to call from several threads at once.</remarks>
    public abstract void Multiply(WorkerPool pool, float* x, nint xStride, int rows, float* y, nint yStride, bool accumulate);

    /// <summary>The same for rows that are yet to be computed: an implementation that converts its inputs has each made just before, while it is in the first-level cache.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="make">Makes a row.</param>
    /// <param name="x">Room for the rows; what it holds afterwards is not said.</param>
    /// <param name="xStride">Floats from one row of it to the next.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="y">Receives the result.</param>
    /// <param name="yStride">Floats from one row of it to the next.</param>
    /// <param name="accumulate">Whether to add to it.</param>
    public virtual void Multiply(WorkerPool pool, RowMaker make, float* x, nint xStride, int rows, float* y, nint yStride, bool accumulate)
    {
        pool.Run((rows + RowsOfItem - 1) / RowsOfItem, (item, _) =>
        {
            for (int row = item * RowsOfItem; row < Math.Min(rows, (item + 1) * RowsOfItem); row++)
            {
                make(row, x + (row * xStride));
            }
        });
        Multiply(pool, x, xStride, rows, y, yStride, accumulate);
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}
