namespace MetaEol.Llama.Kernels;

/// <summary>The register tiles of the 8-bit product, and how they want weights and inputs to lie. All kernels compute the same bits.</summary>
internal abstract unsafe class Int8Kernel
{
    /// <summary>Outputs of a panel: those of <see cref="Int8Layout"/>, or a whole fraction.</summary>
    public abstract int Width { get; }

    /// <summary>Columns that are summed in one lane at a time: 2 as 16-bit pairs, or 4 as 8-bit quadruples.</summary>
    public abstract int Step { get; }

    /// <summary>What prepared weights are too large by: that of <see cref="Int8Layout"/> where the instruction wants them unsigned, else 0.</summary>
    public abstract int WeightOffset { get; }

    /// <summary>Most rows that should be taken through all blocks at a time.</summary>
    public abstract int GroupRows { get; }

    /// <summary>Bytes of an input number: 2 where <see cref="Step"/> is 2, else 1.</summary>
    public int InputBytes => 4 / Step;

    /// <summary>A block's weights as <see cref="Multiply"/> wants them: <paramref name="stored"/> itself, or a copy at <paramref name="scratch"/>.</summary>
    /// <param name="stored">The weights in the layout of <see cref="Int8Layout"/>.</param>
    /// <param name="steps">Steps of 4 columns.</param>
    /// <param name="scratch">Room for the panel's numbers of the block, <see cref="InputBytes"/> each.</param>
    public abstract byte* Prepare(byte* stored, int steps, byte* scratch);

    /// <summary>sums[rows × width] (+)= the block's products, scaled.</summary>
    public abstract void Multiply(in Int8Block block, int rows, float* sums);
}
