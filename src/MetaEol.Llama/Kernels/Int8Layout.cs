namespace MetaEol.Llama.Kernels;

/// <summary>
/// How 8-bit weights lie in memory and in the files of a quantized model: panels of 48 rows, as the fastest tiles read them, so that a mapped file needs no packing.
/// </summary>
/// <remarks>
/// A panel holds blocks of columns behind one another; a block, for every 4 columns, the 4 numbers of each of its 48 rows: <c>[panel][columns / 4][48][4]</c>, each number with 128 added.
/// Scales are <c>[panel][block][48]</c>. Rows are filled up to whole panels and columns to whole units of 4, with zeros.
/// </remarks>
internal static class Int8Layout
{
    /// <summary>Rows of a panel.</summary>
    public const int Width = 48;

    /// <summary>Columns that lie behind one another for each row.</summary>
    public const int Step = 4;

    /// <summary>Bytes from one step of 4 columns to the next.</summary>
    public const int StepBytes = Width * Step;

    /// <summary>Added to every number.</summary>
    public const int Offset = 128;

    /// <summary>Panels of a matrix.</summary>
    public static int Panels(int rows) => (rows + Width - 1) / Width;

    /// <summary>Blocks of columns, each with a scale for every row.</summary>
    public static int Blocks(int columns)
    {
        int depth = MatrixProduct.Int8Depth(columns);
        return (columns + depth - 1) / depth;
    }

    /// <summary>Columns, filled up to whole steps.</summary>
    public static int PaddedColumns(int columns) => (columns + Step - 1) / Step * Step;

    /// <summary>Bytes of a panel's numbers.</summary>
    public static long PanelBytes(int columns) => (long)PaddedColumns(columns) * Width;

    /// <summary>Scales of a panel.</summary>
    public static long PanelScales(int columns) => (long)Blocks(columns) * Width;
}
