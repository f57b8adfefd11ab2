using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Kernels;

/// <summary>Weights quantized to 8 bits, one scale for each row and block of columns, stored in the order in which the tiles read them.</summary>
internal sealed unsafe class Int8Weights : IDisposable
{
    private readonly NativeBuffer _numbers;
    private readonly NativeBuffer _scales;
    private readonly int _width;
    private readonly int _step;
    private readonly int _offset;

    /// <summary>Quantizes all weights, about one byte each.</summary>
    /// <param name="weights">The weights as stored in the model.</param>
    /// <param name="width">Rows of a panel.</param>
    /// <param name="step">Columns that lie behind one another for each row.</param>
    /// <param name="offset">Added to every number.</param>
    /// <param name="pool">The threads that do it.</param>
    public Int8Weights(LinearWeights weights, int width, int step, int offset, WorkerPool pool)
    {
        _width = width;
        _step = step;
        _offset = offset;
        Depth = MatrixProduct.Int8Depth(weights.Inputs);
        Blocks = (weights.Inputs + Depth - 1) / Depth;
        PaddedInputs = (weights.Inputs + 3) / 4 * 4;
        int panels = (weights.Outputs + width - 1) / width;
        _numbers = new NativeBuffer((nuint)panels * (nuint)width * (nuint)PaddedInputs);
        _scales = new NativeBuffer((nuint)panels * (nuint)width * (nuint)Blocks * sizeof(float));
        pool.Run(panels, (panel, _) => QuantizePanel(weights, panel));
    }

    /// <summary>Columns of a block.</summary>
    public int Depth { get; }

    /// <summary>Number of blocks.</summary>
    public int Blocks { get; }

    /// <summary>Columns, filled up with zeros to whole units of 4.</summary>
    public int PaddedInputs { get; }

    /// <summary>Columns of a block, filled up with zeros.</summary>
    public int DepthOf(int block) => Math.Min(Depth, PaddedInputs - (block * Depth));

    /// <summary>The numbers of a block of a panel.</summary>
    public byte* Numbers(int panel, int block) => _numbers.Data + ((((nint)panel * PaddedInputs) + ((nint)block * Depth)) * _width);

    /// <summary>The scales of a block of a panel.</summary>
    public float* Scales(int panel, int block) => (float*)_scales.Data + ((((nint)panel * Blocks) + block) * _width);

    /// <inheritdoc/>
    public void Dispose()
    {
        _numbers.Dispose();
        _scales.Dispose();
    }

    private void QuantizePanel(LinearWeights weights, int panel)
    {
        float* row = stackalloc float[Depth];
        short* quantized = stackalloc short[Depth + 4];
        for (int block = 0; block < Blocks; block++)
        {
            int depth = DepthOf(block);
            int count = Math.Min(Depth, weights.Inputs - (block * Depth));
            byte* numbers = Numbers(panel, block);
            float* scales = Scales(panel, block);
            for (int lane = 0; lane < _width; lane++)
            {
                new Span<short>(quantized, depth).Clear();
                scales[lane] = 0;
                int output = (panel * _width) + lane;
                if (output < weights.Outputs)
                {
                    int part = weights.PartOf(output);
                    WeightReader.Read(weights.Parts[part], output - weights.FirstRows[part], block * Depth, count, row);
                    scales[lane] = Int8Quantizer.Quantize(row, count, quantized, out _);
                }

                for (int k = 0; k < depth; k += _step)
                {
                    byte* target = numbers + (k * _width) + (lane * _step);
                    for (int i = 0; i < _step; i++)
                    {
                        target[i] = (byte)(quantized[k + i] + _offset);
                    }
                }
            }
        }
    }
}
