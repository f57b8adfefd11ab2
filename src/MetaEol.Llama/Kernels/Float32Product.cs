using System.Runtime.Intrinsics;

namespace MetaEol.Llama.Kernels;

/// <summary>One call of a float32 product, cut into items: a panel of outputs times a chunk of rows.</summary>
internal sealed unsafe class Float32Product<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    private readonly LinearWeights _weights;
    private readonly Action<int, int> _runItem;
    private readonly int _depth;
    private readonly int _panels;
    private WorkerPool _pool = null!;
    private float* _x;
    private nint _xStride;
    private int _rows;
    private int _chunkRows;
    private float* _y;
    private nint _yStride;
    private bool _accumulate;

    public Float32Product(LinearWeights weights)
    {
        _weights = weights;
        _runItem = RunItem;
        _depth = MatrixProduct.Depth(weights.Inputs);
        _panels = (weights.Outputs + Width - 1) / Width;
    }

    private static int Width => MatrixProduct.PanelVectors * TSimd.Lanes;

    /// <summary>Computes the product with every thread of the pool.</summary>
    public void Run(WorkerPool pool, float* x, nint xStride, int rows, float* y, nint yStride, bool accumulate)
    {
        _pool = pool;
        _x = x;
        _xStride = xStride;
        _rows = rows;
        _y = y;
        _yStride = yStride;
        _accumulate = accumulate;
        _chunkRows = MatrixProduct.ChunkRows(rows, _panels, pool.Threads);
        int chunks = (rows + _chunkRows - 1) / _chunkRows;
        pool.Run(_panels * chunks, _runItem);
    }

    private void RunItem(int item, int worker)
    {
        int firstOutput = item % _panels * Width;
        int firstRow = item / _panels * _chunkRows;
        int rows = Math.Min(_chunkRows, _rows - firstRow);
        float* panel = (float*)_pool.Scratch(worker, (nuint)((_depth + rows) * Width * sizeof(float)));
        float* sums = panel + (_depth * Width);
        float* x = _x + (firstRow * _xStride);
        for (int column = 0; column < _weights.Inputs; column += _depth)
        {
            int depth = Math.Min(_depth, _weights.Inputs - column);
            Pack(firstOutput, column, depth, panel);
            MultiplyPanel(x + column, panel, depth, sums, rows, column > 0);
        }

        SumStore.Store(sums, Width, rows, _weights, firstOutput, Math.Min(Width, _weights.Outputs - firstOutput), _y + (firstRow * _yStride), _yStride, _accumulate);
    }

    private void Pack(int firstOutput, int column, int depth, float* panel)
    {
        // Sixteen rows a power of two apart compete for the eight lines of one set of the L1 cache, so 512-bit panels too are packed from eight rows at a time.
        if (TSimd.Lanes >= 8)
        {
            PanelPacker<Vector256<float>, Simd256>.Pack(_weights, firstOutput, column, depth, panel, Width, _pool.Threads);
        }
        else
        {
            PanelPacker<Vector128<float>, Simd128>.Pack(_weights, firstOutput, column, depth, panel, Width, _pool.Threads);
        }
    }

    private void MultiplyPanel(float* x, float* panel, int depth, float* sums, int rows, bool add)
    {
        int row = 0;
        if (TSimd.TileRows == 8)
        {
            for (; row + 8 <= rows; row += 8)
            {
                MatrixProductTiles<TVector, TSimd>.Rows8(x + (row * _xStride), _xStride, panel, depth, sums + (row * Width), add);
            }
        }

        for (; row + 4 <= rows; row += 4)
        {
            MatrixProductTiles<TVector, TSimd>.Rows4(x + (row * _xStride), _xStride, panel, depth, sums + (row * Width), add);
        }

        if (row + 2 <= rows)
        {
            MatrixProductTiles<TVector, TSimd>.Rows2(x + (row * _xStride), _xStride, panel, depth, sums + (row * Width), add);
            row += 2;
        }

        if (row < rows)
        {
            MatrixProductTiles<TVector, TSimd>.Rows1(x + (row * _xStride), _xStride, panel, depth, sums + (row * Width), add);
        }
    }
}
