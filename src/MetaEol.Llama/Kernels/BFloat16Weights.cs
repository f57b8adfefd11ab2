using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Kernels;

/// <summary>Weights as bfloat16, two bytes each, in the order in which the tiles read them: <c>[panel][pair of columns][output][2]</c>.</summary>
internal sealed unsafe class BFloat16Weights : IDisposable
{
    private const int Lanes = 8;

    private readonly NativeBuffer _numbers;
    private readonly int _width;

    /// <summary>Packs all weights; those that are no bfloat16 are rounded.</summary>
    /// <param name="weights">The weights as stored in the model.</param>
    /// <param name="width">Outputs of a panel, a multiple of 8.</param>
    /// <param name="pool">The threads that do it.</param>
    public BFloat16Weights(LinearWeights weights, int width, WorkerPool pool)
    {
        _width = width;
        Depth = MatrixProduct.BFloat16Depth(weights.Inputs);
        Blocks = (weights.Inputs + Depth - 1) / Depth;
        PaddedInputs = (weights.Inputs + 1) / 2 * 2;
        int panels = (weights.Outputs + width - 1) / width;
        _numbers = new NativeBuffer((nuint)panels * (nuint)width * (nuint)PaddedInputs * sizeof(ushort));
        pool.Run(panels, (panel, _) => PackPanel(weights, panel));
    }

    /// <summary>Columns of a block.</summary>
    public int Depth { get; }

    /// <summary>Number of blocks.</summary>
    public int Blocks { get; }

    /// <summary>Columns, filled up with a zero to pairs.</summary>
    public int PaddedInputs { get; }

    /// <summary>Columns of a block, filled up.</summary>
    public int DepthOf(int block) => Math.Min(Depth, PaddedInputs - (block * Depth));

    /// <summary>The numbers of a block of a panel.</summary>
    public byte* Numbers(int panel, int block) => _numbers.Data + ((((nint)panel * PaddedInputs) + ((nint)block * Depth)) * _width * sizeof(ushort));

    /// <inheritdoc/>
    public void Dispose() => _numbers.Dispose();

    private void PackPanel(LinearWeights weights, int panel)
    {
        float* row = stackalloc float[Depth];
        ushort* rows = stackalloc ushort[Lanes * Depth];
        for (int block = 0; block < Blocks; block++)
        {
            int depth = DepthOf(block);
            int count = Math.Min(Depth, weights.Inputs - (block * Depth));
            for (int group = 0; group < _width; group += Lanes)
            {
                new Span<ushort>(rows, Lanes * Depth).Clear();
                for (int lane = 0; lane < Lanes && (panel * _width) + group + lane < weights.Outputs; lane++)
                {
                    int output = (panel * _width) + group + lane;
                    int part = weights.PartOf(output);
                    WeightReader.Read(weights.Parts[part], output - weights.FirstRows[part], block * Depth, count, row);
                    BFloat16Rounding.Round(row, count, rows + (lane * Depth));
                }

                Transpose(rows, depth / 2, (uint*)Numbers(panel, block) + group);
            }
        }
    }

    // Eight rows of pairs become columns of a panel.
    private void Transpose(ushort* rows, int pairs, uint* destination)
    {
        int pair = 0;
        for (; pair + Lanes <= pairs; pair += Lanes)
        {
            Simd256.Transpose((byte*)rows + (pair * sizeof(uint)), Depth * sizeof(ushort), (float*)(destination + (pair * _width)), _width);
        }

        for (; pair < pairs; pair++)
        {
            for (int lane = 0; lane < Lanes; lane++)
            {
                destination[(pair * _width) + lane] = ((uint*)(rows + (lane * Depth)))[pair];
            }
        }
    }
}
