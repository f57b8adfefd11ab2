namespace MetaEol.Llama.Kernels;

/// <summary>The register tiles of the 8-bit product, and how they want weights and inputs to lie. All kernels compute the same bits.</summary>
internal abstract unsafe class Int8Kernel
{
    /// <summary>Outputs of a panel.</summary>
    public abstract int Width { get; }

    /// <summary>Columns that are summed in one lane at a time: 2 as 16-bit pairs, or 4 as 8-bit quadruples.</summary>
    public abstract int Step { get; }

    /// <summary>Added to every stored weight, where the instruction wants them unsigned.</summary>
    public abstract int WeightOffset { get; }

    /// <summary>Most rows that should be taken through all blocks at a time.</summary>
    public abstract int GroupRows { get; }

    /// <summary>Bytes of an input number: 2 where <see cref="Step"/> is 2, else 1.</summary>
    public int InputBytes => 4 / Step;

    /// <summary>A block's weights as <see cref="Multiply"/> wants them: <paramref name="stored"/> itself, or a copy at <paramref name="scratch"/>.</summary>
    public abstract byte* Prepare(byte* stored, nint count, byte* scratch);

    /// <summary>sums[rows × width] (+)= the block's products, scaled.</summary>
    public abstract void Multiply(in Int8Block block, int rows, float* sums);
}
