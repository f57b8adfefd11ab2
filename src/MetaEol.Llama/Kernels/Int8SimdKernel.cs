namespace MetaEol.Llama.Kernels;

/// <summary>8-bit tiles of the instructions that .NET offers.</summary>
internal sealed unsafe class Int8SimdKernel<TVector, TInt8, TFloat, TSimd> : Int8Kernel
    where TVector : struct
    where TInt8 : struct, IInt8Simd<TVector, TFloat>
    where TFloat : struct
    where TSimd : struct, ISimd<TFloat>
{
    /// <inheritdoc/>
    public override int Width => MatrixProduct.PanelVectors * TSimd.Lanes;

    /// <inheritdoc/>
    public override int Step => TInt8.Step;

    /// <inheritdoc/>
    public override int WeightOffset => TInt8.WeightOffset;

    /// <inheritdoc/>
    public override int GroupRows => MatrixProduct.MaxChunkRows;

    /// <inheritdoc/>
    public override byte* Prepare(byte* stored, int steps, byte* scratch) => TInt8.Prepare(stored, steps, scratch);

    /// <inheritdoc/>
    public override void Multiply(in Int8Block block, int rows, float* sums)
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
