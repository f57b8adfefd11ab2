using MetaEol.Llama.Kernels;

namespace MetaEol.Llama.Weights;

/// <summary>A weight matrix where it lies in the mapped file: row-major <c>[Rows × Columns]</c>, for a projection <c>[outputs × inputs]</c>; 8-bit ones in panels of 48 rows.</summary>
/// <remarks>Valid only while the <see cref="LlamaWeights"/> it came from is leased: whoever reads it holds a <see cref="LlamaWeights.Lease"/>.</remarks>
public readonly unsafe struct WeightMatrix
{
    internal WeightMatrix(byte* data, WeightType type, int rows, int columns)
    {
        Data = data;
        Type = type;
        Rows = rows;
        Columns = columns;
    }

    /// <summary>An 8-bit matrix in the layout of <see cref="Int8Layout"/>.</summary>
    internal WeightMatrix(byte* numbers, float* scales, int rows, int columns)
        : this(numbers, WeightType.Int8, rows, columns) => Scales = scales;

    /// <summary>Number type of the elements, little-endian.</summary>
    public WeightType Type { get; }

    /// <summary>Number of rows (outputs of a projection).</summary>
    public int Rows { get; }

    /// <summary>Number of columns (inputs of a projection).</summary>
    public int Columns { get; }

    /// <summary>Bytes of one element: 4, 2 or 1.</summary>
    public int ElementSize => Type switch
    {
        WeightType.Float32 => 4,
        WeightType.Int8 => 1,
        _ => 2,
    };

    /// <summary>Bytes of the whole matrix; of an 8-bit one those of the numbers with what fills up its panels, scales left out.</summary>
    public long ByteCount => Type == WeightType.Int8 ? Int8Layout.Panels(Rows) * Int8Layout.PanelBytes(Columns) : (long)Rows * Columns * ElementSize;

    /// <summary>Columns that share a scale in an 8-bit matrix, or would: at most 128. The last block of a row may have fewer.</summary>
    public int BlockColumns => MatrixProduct.Int8Depth(Columns);

    /// <summary>First byte of the matrix, which has <see cref="ByteCount"/>; it need not be aligned to the number type's size.</summary>
    internal byte* Data { get; }

    /// <summary>Of an 8-bit matrix, the scales, which need not be aligned.</summary>
    internal float* Scales { get; }

    /// <summary>Reads one row, widened to float32, which is exact; of an 8-bit matrix each number times its scale.</summary>
    /// <param name="row">The row, in 0 .. <see cref="Rows"/> - 1.</param>
    /// <param name="destination">Receives <see cref="Columns"/> numbers.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than a row.</exception>
    public void ReadRow(int row, Span<float> destination)
    {
        CheckRows(row, 1);
        CheckLength(destination.Length, Columns, nameof(destination));
        fixed (float* target = destination)
        {
            WeightReader.Read(this, row, 0, Columns, target);
        }
    }

    /// <summary>Reads one row in 8 bits: of an 8-bit matrix as it is stored, of any other as <see cref="MetaEol.Llama.Encoders.Precision.Int8"/> quantizes it.</summary>
    /// <param name="row">The row, in 0 .. <see cref="Rows"/> - 1.</param>
    /// <param name="numbers">Receives <see cref="Columns"/> integers in -127 .. 127.</param>
    /// <param name="scales">Receives a scale for each block of <see cref="BlockColumns"/> columns; NaN where a weight is not finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    /// <exception cref="ArgumentException">There is no room for the row.</exception>
    public void ReadRow(int row, Span<sbyte> numbers, Span<float> scales)
    {
        CheckRows(row, 1);
        CheckLength(numbers.Length, Columns, nameof(numbers));
        CheckLength(scales.Length, Int8Layout.Blocks(Columns), nameof(scales));
        if (Type == WeightType.Int8)
        {
            WeightReader.ReadInt8(this, row, numbers, scales);
        }
        else
        {
            WeightReader.Quantize(this, row, numbers, scales);
        }
    }

    /// <summary>The bytes of some rows as they are stored, little-endian, without a copy.</summary>
    /// <param name="firstRow">The first row.</param>
    /// <param name="count">Number of rows; together at most 2 GB.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no such rows.</exception>
    /// <exception cref="NotSupportedException">The matrix is stored in 8 bits: its rows do not lie behind one another; <see cref="ReadRow(int, Span{sbyte}, Span{float})"/> reads them.</exception>
    /// <exception cref="OverflowException">The rows have more bytes than a span holds.</exception>
    public ReadOnlySpan<byte> GetRowBytes(int firstRow, int count)
    {
        CheckRows(firstRow, count);
        CheckRowMajor();
        long rowBytes = (long)Columns * ElementSize;
        return new ReadOnlySpan<byte>(Data + (firstRow * rowBytes), checked((int)(count * rowBytes)));
    }

    /// <summary>Some rows as a matrix of their own, without a copy.</summary>
    internal WeightMatrix Slice(int firstRow, int count)
    {
        CheckRows(firstRow, count);
        CheckRowMajor();
        return new WeightMatrix(Data + ((long)firstRow * Columns * ElementSize), Type, count, Columns);
    }

    private static void CheckLength(int length, int needed, string name)
    {
        if (length < needed)
        {
            throw new ArgumentException($"There is room for {length} numbers; a row has {needed}.", name);
        }
    }

    private void CheckRowMajor()
    {
        if (Type == WeightType.Int8)
        {
            throw new NotSupportedException("The matrix is stored in 8 bits, in panels of 48 rows: its rows do not lie behind one another. Read them one by one.");
        }
    }

    private void CheckRows(int firstRow, int count)
    {
        if (firstRow < 0 || count < 0 || firstRow > Rows - count)
        {
            throw new ArgumentOutOfRangeException(nameof(firstRow), firstRow, $"{count} rows from there on are not all in a matrix of {Rows} rows.");
        }
    }
}
