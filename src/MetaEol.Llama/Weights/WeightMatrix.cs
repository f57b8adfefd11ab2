namespace MetaEol.Llama.Weights;

/// <summary>A weight matrix where it lies in the mapped file: row-major <c>[Rows × Columns]</c>, for a projection <c>[outputs × inputs]</c>.</summary>
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

    /// <summary>Number type of the elements, little-endian.</summary>
    public WeightType Type { get; }

    /// <summary>Number of rows (outputs of a projection).</summary>
    public int Rows { get; }

    /// <summary>Number of columns (inputs of a projection).</summary>
    public int Columns { get; }

    /// <summary>Bytes of one element: 4 or 2.</summary>
    public int ElementSize => Type == WeightType.Float32 ? 4 : 2;

    /// <summary>Bytes of the whole matrix.</summary>
    public long ByteCount => (long)Rows * Columns * ElementSize;

    /// <summary>First byte of the matrix, which has <see cref="ByteCount"/>; it need not be aligned to the number type's size.</summary>
    internal byte* Data { get; }

    /// <summary>Reads one row, widened to float32, which is exact.</summary>
    /// <param name="row">The row, in 0 .. <see cref="Rows"/> - 1.</param>
    /// <param name="destination">Receives <see cref="Columns"/> numbers.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than a row.</exception>
    public void ReadRow(int row, Span<float> destination)
    {
        CheckRows(row, 1);
        if (destination.Length < Columns)
        {
            throw new ArgumentException($"There is room for {destination.Length} numbers; a row has {Columns}.", nameof(destination));
        }

        fixed (float* target = destination)
        {
            WeightReader.Read(this, row, 0, Columns, target);
        }
    }

    /// <summary>The bytes of some rows as they are stored, little-endian, without a copy.</summary>
    /// <param name="firstRow">The first row.</param>
    /// <param name="count">Number of rows; together at most 2 GB.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no such rows.</exception>
    /// <exception cref="OverflowException">The rows have more bytes than a span holds.</exception>
    public ReadOnlySpan<byte> GetRowBytes(int firstRow, int count)
    {
        CheckRows(firstRow, count);
        long rowBytes = (long)Columns * ElementSize;
        return new ReadOnlySpan<byte>(Data + (firstRow * rowBytes), checked((int)(count * rowBytes)));
    }

    /// <summary>Some rows as a matrix of their own, without a copy.</summary>
    internal WeightMatrix Slice(int firstRow, int count)
    {
        CheckRows(firstRow, count);
        return new WeightMatrix(Data + ((long)firstRow * Columns * ElementSize), Type, count, Columns);
    }

    private void CheckRows(int firstRow, int count)
    {
        if (firstRow < 0 || count < 0 || firstRow > Rows - count)
        {
            throw new ArgumentOutOfRangeException(nameof(firstRow), firstRow, $"{count} rows from there on are not all in a matrix of {Rows} rows.");
        }
    }
}
