namespace MetaEol.Llama.Kernels.Emitted;

/// <summary>The machine code of all tiles, and where each begins. At its start is the function that reads XCR0.</summary>
/// <param name="Bytes">The code, which may lie anywhere.</param>
/// <param name="Int8">Place of each 8-bit tile, by <see cref="IndexOf"/>.</param>
/// <param name="BFloat16">Place of each bfloat16 tile, by <see cref="IndexOf"/>.</param>
internal sealed record TileCode(byte[] Bytes, int[] Int8, int[] BFloat16)
{
    /// <summary>Emits the code for a calling convention: that of Windows, or System V.</summary>
    public static TileCode Emit(bool windows)
    {
        var code = new Assembler();
        var emitter = new TileEmitter(code, windows);
        emitter.SavedStates();
        int[] int8 = Emit(code, emitter.Int8);
        int[] bfloat16 = Emit(code, emitter.BFloat16);
        return new TileCode(code.ToArray(), int8, bfloat16);
    }

    /// <summary>Index of the tile of <paramref name="rows"/> rows that begins anew, or adds to the sums before.</summary>
    public static int IndexOf(int rows, bool add) => rows - 1 + (add ? TileEmitter.MaxRows : 0);

    private static int[] Emit(Assembler code, Action<int, bool> emit)
    {
        var places = new int[2 * TileEmitter.MaxRows];
        foreach (bool add in (bool[])[false, true])
        {
            for (int rows = 1; rows <= TileEmitter.MaxRows; rows++)
            {
                code.Align(64);
                places[IndexOf(rows, add)] = code.Position;
                emit(rows, add);
            }
        }

        return places;
    }
}
