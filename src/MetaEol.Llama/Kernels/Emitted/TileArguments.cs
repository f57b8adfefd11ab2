using System.Runtime.InteropServices;

namespace MetaEol.Llama.Kernels.Emitted;

/// <summary>What an emitted tile function is called with: it takes the address of this, and changes it while it goes from tile to tile.</summary>
/// <remarks>One pointer is passed alike, but for the register, by every calling convention; <see cref="Saved"/> keeps what Windows wants back, so that the function needs no stack.</remarks>
[StructLayout(LayoutKind.Explicit)]
internal unsafe struct TileArguments
{
    /// <summary>Packed weights of a block, <c>[steps × 48]</c> units of 32 bits.</summary>
    [FieldOffset((int)TileField.Weights)]
    public byte* Weights;

    /// <summary>Packed inputs of the block, row-major.</summary>
    [FieldOffset((int)TileField.Inputs)]
    public byte* Inputs;

    /// <summary>Bytes from one row of the inputs to the next.</summary>
    [FieldOffset((int)TileField.InputStride)]
    public nint InputStride;

    /// <summary>Bytes from one tile of the inputs to the next.</summary>
    [FieldOffset((int)TileField.TileStride)]
    public nint TileStride;

    /// <summary>32-bit units of a row, at least 1.</summary>
    [FieldOffset((int)TileField.Steps)]
    public nint Steps;

    /// <summary>Sums, <c>[rows × 48]</c> float32.</summary>
    [FieldOffset((int)TileField.Sums)]
    public float* Sums;

    /// <summary>Number of tiles, at least 1.</summary>
    [FieldOffset((int)TileField.Tiles)]
    public nint Tiles;

    /// <summary>8 bits only: scale of each of the panel's outputs.</summary>
    [FieldOffset((int)TileField.WeightScales)]
    public float* WeightScales;

    /// <summary>8 bits only: scale of each row.</summary>
    [FieldOffset((int)TileField.InputScales)]
    public float* InputScales;

    /// <summary>8 bits only: what each row's integer sums begin with.</summary>
    [FieldOffset((int)TileField.Starts)]
    public int* Starts;

    /// <summary>The lower quarters of vector registers 6 to 15.</summary>
    [FieldOffset((int)TileField.Saved)]
    public fixed byte Saved[10 * 16];
}
