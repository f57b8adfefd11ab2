namespace MetaEol.Llama.Kernels;

/// <summary>One call of an 8-bit product.</summary>
internal sealed unsafe class Int8Product(LinearWeights weights, Int8Weights quantized, Int8Kernel kernel) : PackedProduct(weights, kernel.Width, PanelPlace.OfParts(weights, kernel.Width))
{
    private int _rows;
    private float* _scales;
    private int* _starts;
    private byte* _inputs;

    /// <inheritdoc/>
    protected override int GroupRows => kernel.GroupRows;

    /// <inheritdoc/>
    protected override nint ScratchBytes => (nint)quantized.Depth * kernel.Width * kernel.InputBytes;

    /// <inheritdoc/>
    protected override nuint InputBytes(int rows) =>
        (nuint)rows * (nuint)((quantized.Blocks * (sizeof(float) + sizeof(int))) + (quantized.PaddedInputs * kernel.InputBytes));

    /// <inheritdoc/>
    protected override void SetInputs(byte* inputs, int rows)
    {
        _rows = rows;
        _scales = (float*)inputs;
        _starts = (int*)(_scales + ((nint)quantized.Blocks * rows));
        _inputs = (byte*)(_starts + ((nint)quantized.Blocks * rows));
    }

    /// <inheritdoc/>
    protected override void Convert(float* x, int row)
    {
        for (int block = 0; block < quantized.Blocks; block++)
        {
            int depth = quantized.DepthOf(block);
            int column = block * quantized.Depth;
            int count = Math.Min(depth, Weights.Inputs - column);
            byte* target = Inputs(block) + ((nint)row * depth * kernel.InputBytes);
            nint index = ((nint)block * _rows) + row;
            _scales[index] = kernel.Step == 2
                ? Int8Quantizer.Quantize(x + column, count, (short*)target, out int sum)
                : Int8Quantizer.Quantize(x + column, count, (sbyte*)target, out sum);
            new Span<byte>(target + (count * kernel.InputBytes), (depth - count) * kernel.InputBytes).Clear();

            // Stored with an offset, every weight counts that much too often: once for each unit of the inputs' sum.
            _starts[index] = -kernel.WeightOffset * sum;
        }
    }

    /// <inheritdoc/>
    protected override void Multiply(PanelPlace panel, int firstRow, int rows, float* sums, byte* scratch)
    {
        for (int index = 0; index < quantized.Blocks; index++)
        {
            int depth = quantized.DepthOf(index);
            nint firstOfBlock = ((nint)index * _rows) + firstRow;
            Int8Block block = new()
            {
                Weights = kernel.Prepare(quantized.Numbers(panel.Part, panel.Row, index), depth / Int8Layout.Step, scratch),
                WeightScales = quantized.Scales(panel.Part, panel.Row, index),
                Inputs = Inputs(index) + ((nint)firstRow * depth * kernel.InputBytes),
                InputStride = (nint)depth * kernel.InputBytes,
                InputScales = _scales + firstOfBlock,
                Starts = _starts + firstOfBlock,
                Steps = depth / kernel.Step,
                Add = index > 0,
            };
            kernel.Multiply(block, rows, sums);
        }
    }

    // Quantized inputs lie block by block, so that what a panel needs is one piece: rows far apart would compete for the same cache sets.
    private byte* Inputs(int block) => _inputs + ((nint)block * quantized.Depth * _rows * kernel.InputBytes);
}
