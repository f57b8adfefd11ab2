namespace MetaEol.Llama.Kernels.Emitted;

/// <summary>8-bit tiles of 512-bit VPDPBUSD: 64 products an instruction, unsigned weights times signed inputs.</summary>
internal sealed unsafe class EmittedInt8Kernel(EmittedKernels kernels) : Int8Kernel
{
    /// <inheritdoc/>
    public override int Width => TileEmitter.Width;

    /// <inheritdoc/>
    public override int Step => 4;

    /// <inheritdoc/>
    public override int WeightOffset => Int8Layout.Offset;

    /// <inheritdoc/>
    public override int GroupRows => 64;

    /// <inheritdoc/>
    public override byte* Prepare(byte* stored, int steps, byte* scratch) => stored;

    /// <inheritdoc/>
    public override void Multiply(in Int8Block block, int rows, float* sums)
    {
        TileArguments arguments = default;
        arguments.Weights = block.Weights;
        arguments.Inputs = block.Inputs;
        arguments.InputStride = block.InputStride;
        arguments.Steps = block.Steps;
        arguments.Sums = sums;
        arguments.WeightScales = block.WeightScales;
        arguments.InputScales = block.InputScales;
        arguments.Starts = block.Starts;
        kernels.Int8(rows, block.Add, ref arguments);
    }
}
