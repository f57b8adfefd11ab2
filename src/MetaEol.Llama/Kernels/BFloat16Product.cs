using MetaEol.Llama.Kernels.Emitted;

namespace MetaEol.Llama.Kernels;

/// <summary>One call of a bfloat16 product.</summary>
internal sealed unsafe class BFloat16Product(LinearWeights weights, BFloat16Weights packed, EmittedKernels kernels) : PackedProduct(weights, TileEmitter.Width, PanelPlace.Across(weights, TileEmitter.Width))
{
    private int _rows;
    private ushort* _inputs;

    /// <inheritdoc/>
    protected override int GroupRows => 64;

    /// <inheritdoc/>
    protected override nint ScratchBytes => 0;

    /// <inheritdoc/>
    protected override nuint InputBytes(int rows) => (nuint)rows * (nuint)packed.PaddedInputs * sizeof(ushort);

    /// <inheritdoc/>
    protected override void SetInputs(byte* inputs, int rows)
    {
        _rows = rows;
        _inputs = (ushort*)inputs;
    }

    /// <inheritdoc/>
    protected override void Convert(float* x, int row)
    {
        for (int block = 0; block < packed.Blocks; block++)
        {
            int depth = packed.DepthOf(block);
            int column = block * packed.Depth;
            int count = Math.Min(depth, Weights.Inputs - column);
            ushort* target = Inputs(block) + ((nint)row * depth);
            BFloat16Rounding.Round(x + column, count, target);
            if (count < depth)
            {
                target[count] = 0;
            }
        }
    }

    /// <inheritdoc/>
    protected override void Multiply(PanelPlace panel, int firstRow, int rows, float* sums, byte* scratch)
    {
        for (int block = 0; block < packed.Blocks; block++)
        {
            int depth = packed.DepthOf(block);
            TileArguments arguments = default;
            arguments.Weights = packed.Numbers(panel.Row / TileEmitter.Width, block);
            arguments.Inputs = (byte*)(Inputs(block) + ((nint)firstRow * depth));
            arguments.InputStride = (nint)depth * sizeof(ushort);
            arguments.Steps = depth / 2;
            arguments.Sums = sums;
            kernels.BFloat16(rows, block > 0, ref arguments);
        }
    }

    // Block by block, as in the 8-bit product.
    private ushort* Inputs(int block) => _inputs + ((nint)block * packed.Depth * _rows);
}
