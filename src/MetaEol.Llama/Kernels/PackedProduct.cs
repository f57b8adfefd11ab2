namespace MetaEol.Llama.Kernels;

/// <summary>One call of a product with packed weights: the inputs are converted, then items of a panel of outputs times a chunk of rows are computed.</summary>
internal abstract unsafe class PackedProduct
{
    private const int RowsOfItem = 8;

    private readonly int _width;
    private readonly PanelPlace[] _panels;
    private readonly Action<int, int> _convertItem;
    private readonly Action<int, int> _multiplyItem;
    private WorkerPool _pool = null!;
    private RowMaker? _make;
    private float* _x;
    private nint _xStride;
    private int _rows;
    private int _chunkRows;
    private float* _y;
    private nint _yStride;
    private bool _accumulate;

    /// <param name="weights">The weights, of which only sizes and biases are read here.</param>
    /// <param name="width">Outputs of a panel.</param>
    /// <param name="panels">The panels.</param>
    protected PackedProduct(LinearWeights weights, int width, PanelPlace[] panels)
    {
        Weights = weights;
        _width = width;
        _panels = panels;
        _convertItem = ConvertItem;
        _multiplyItem = MultiplyItem;
    }

    /// <summary>The weights as they were given.</summary>
    protected LinearWeights Weights { get; }

    /// <summary>Most rows that are taken through all blocks of columns before the next: few keep a block's inputs and sums in the first-level cache, many spare preparing its weights again.</summary>
    protected abstract int GroupRows { get; }

    /// <summary>Bytes that a worker needs beside the sums.</summary>
    protected abstract nint ScratchBytes { get; }

    /// <summary>Computes the product with every thread of the pool, of the rows at <paramref name="x"/> or of those that are made.</summary>
    public void Run(WorkerPool pool, RowMaker? make, float* x, nint xStride, int rows, float* y, nint yStride, bool accumulate)
    {
        _pool = pool;
        _make = make;
        _x = x;
        _xStride = xStride;
        _rows = rows;
        _y = y;
        _yStride = yStride;
        _accumulate = accumulate;
        _chunkRows = MatrixProduct.ChunkRows(rows, _panels.Length, pool.Threads);
        NativeBuffer buffer = pool.Rent(InputBytes(rows));
        SetInputs(buffer.Data, rows);
        try
        {
            pool.Run((rows + RowsOfItem - 1) / RowsOfItem, _convertItem);
            pool.Run(_panels.Length * ((rows + _chunkRows - 1) / _chunkRows), _multiplyItem);
        }
        finally
        {
            pool.Return(buffer);
            _make = null;
        }
    }

    /// <summary>Bytes of the converted inputs of this many rows.</summary>
    protected abstract nuint InputBytes(int rows);

    /// <summary>Tells where the converted inputs lie.</summary>
    protected abstract void SetInputs(byte* inputs, int rows);

    /// <summary>Converts one row.</summary>
    protected abstract void Convert(float* x, int row);

    /// <summary>sums[rows × width] = the converted rows from <paramref name="firstRow"/> on times a panel of the weights.</summary>
    protected abstract void Multiply(PanelPlace panel, int firstRow, int rows, float* sums, byte* scratch);

    private void ConvertItem(int item, int worker)
    {
        for (int row = item * RowsOfItem; row < Math.Min(_rows, (item + 1) * RowsOfItem); row++)
        {
            float* source = _x + (row * _xStride);
            if (_make is not null)
            {
                source = (float*)_pool.Scratch(worker, (nuint)Weights.Inputs * sizeof(float));
                _make(row, source);
            }

            Convert(source, row);
        }
    }

    private void MultiplyItem(int item, int worker)
    {
        PanelPlace panel = _panels[item % _panels.Length];
        int first = item / _panels.Length * _chunkRows;
        int end = Math.Min(first + _chunkRows, _rows);
        int group = Math.Min(GroupRows, end - first);
        byte* scratch = _pool.Scratch(worker, (nuint)(ScratchBytes + ((nint)group * _width * sizeof(float))));
        float* sums = (float*)(scratch + ScratchBytes);
        for (int row = first; row < end; row += group)
        {
            int rows = Math.Min(group, end - row);
            Multiply(panel, row, rows, sums, scratch);
            SumStore.Store(sums, _width, rows, Weights, panel.Output, panel.Count, _y + (row * _yStride), _yStride, _accumulate);
        }
    }
}
