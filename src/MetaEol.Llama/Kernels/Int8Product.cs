using System.Runtime.CompilerServices;

namespace MetaEol.Llama.Kernels;

/// <summary>One call of an 8-bit product: the inputs are quantized, then items of a panel of outputs times a chunk of rows are computed.</summary>
internal sealed unsafe class Int8Product<TVector, TInt8, TFloat, TSimd>
    where TVector : struct
    where TInt8 : struct, IInt8Simd<TVector, TFloat>
    where TFloat : struct
    where TSimd : struct, ISimd<TFloat>
{
    private const int RowsOfItem = 8;

    private readonly LinearWeights _weights;
    private readonly Int8Weights _quantized;
    private readonly Action<int, int> _quantizeItem;
    private readonly Action<int, int> _multiplyItem;
    private readonly int _panels;
    private WorkerPool _pool = null!;
    private float* _x;
    private nint _xStride;
    private int _rows;
    private int _chunkRows;
    private float* _y;
    private nint _yStride;
    private bool _accumulate;
    private float* _scales;
    private int* _sums;
    private byte* _inputs;

    public Int8Product(LinearWeights weights, Int8Weights quantized)
    {
        _weights = weights;
        _quantized = quantized;
        _quantizeItem = QuantizeItem;
        _multiplyItem = MultiplyItem;
        _panels = (weights.Outputs + Width - 1) / Width;
    }

    private static int Width => MatrixProduct.PanelVectors * TSimd.Lanes;

    private static int InputBytes => 4 / TInt8.Step;

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
        nuint blockRows = (nuint)_quantized.Blocks * (nuint)rows;
        NativeBuffer buffer = pool.Rent((blockRows * (sizeof(float) + sizeof(int))) + ((nuint)rows * (nuint)(_quantized.PaddedInputs * InputBytes)));
        _scales = (float*)buffer.Data;
        _sums = (int*)(_scales + blockRows);
        _inputs = (byte*)(_sums + blockRows);
        try
        {
            pool.Run((rows + RowsOfItem - 1) / RowsOfItem, _quantizeItem);
            pool.Run(_panels * ((rows + _chunkRows - 1) / _chunkRows), _multiplyItem);
        }
        finally
        {
            pool.Return(buffer);
        }
    }

    // Quantized inputs lie block by block, so that what a panel needs is one piece: rows far apart would compete for the same cache sets.
    private byte* Inputs(int block) => _inputs + ((nint)block * _quantized.Depth * _rows * InputBytes);

    private void QuantizeItem(int item, int worker)
    {
        short* numbers = stackalloc short[_quantized.Depth + 4];
        for (int row = item * RowsOfItem; row < Math.Min(_rows, (item + 1) * RowsOfItem); row++)
        {
            for (int block = 0; block < _quantized.Blocks; block++)
            {
                int depth = _quantized.DepthOf(block);
                int column = block * _quantized.Depth;
                int count = Math.Min(depth, _weights.Inputs - column);
                byte* target = Inputs(block) + ((nint)row * depth * InputBytes);
                int index = (block * _rows) + row;
                _scales[index] = Int8Quantizer.Quantize(_x + (row * _xStride) + column, count, numbers, out _sums[index]);
                new Span<short>(numbers + count, depth - count).Clear();
                if (TInt8.Step == 2)
                {
                    Unsafe.CopyBlock(target, numbers, (uint)depth * sizeof(short));
                }
                else
                {
                    Int8Quantizer.Narrow(numbers, depth, (sbyte*)target);
                }
            }
        }
    }

    private void MultiplyItem(int item, int worker)
    {
        int panel = item % _panels;
        int firstRow = item / _panels * _chunkRows;
        int rows = Math.Min(_chunkRows, _rows - firstRow);
        nint preparedBytes = (nint)_quantized.Depth * Width * InputBytes;
        byte* scratch = _pool.Scratch(worker, (nuint)(preparedBytes + ((nint)rows * Width * sizeof(float))));
        float* sums = (float*)(scratch + preparedBytes);
        for (int index = 0; index < _quantized.Blocks; index++)
        {
            int depth = _quantized.DepthOf(index);
            Int8Block block = new()
            {
                Weights = TInt8.Prepare(_quantized.Numbers(panel, index), (nint)depth * Width, scratch),
                WeightScales = _quantized.Scales(panel, index),
                Inputs = Inputs(index) + ((nint)firstRow * depth * InputBytes),
                InputStride = (nint)depth * InputBytes,
                InputScales = _scales + ((nint)index * _rows) + firstRow,
                InputSums = _sums + ((nint)index * _rows) + firstRow,
                Steps = depth / TInt8.Step,
                Add = index > 0,
            };
            MultiplyBlock(block, rows, sums);
        }

        SumStore<TFloat, TSimd>.Store(sums, Width, rows, _weights, panel * Width, _y + (firstRow * _yStride), _yStride, _accumulate);
    }

    private static void MultiplyBlock(in Int8Block block, int rows, float* sums)
    {
        int row = 0;
        if (TInt8.TileRows == 6)
        {
            for (; row + 6 <= rows; row += 6)
            {
                Int8Tiles<TVector, TInt8, TFloat, TSimd>.Rows6(block, row, sums + (row * Width));
            }
        }

        for (; row + 4 <= rows; row += 4)
        {
            Int8Tiles<TVector, TInt8, TFloat, TSimd>.Rows4(block, row, sums + (row * Width));
        }

        if (row + 2 <= rows)
        {
            Int8Tiles<TVector, TInt8, TFloat, TSimd>.Rows2(block, row, sums + (row * Width));
            row += 2;
        }

        if (row < rows)
        {
            Int8Tiles<TVector, TInt8, TFloat, TSimd>.Rows1(block, row, sums + (row * Width));
        }
    }
}
