namespace MetaEol.Llama.Weights;

/// <summary>A weight matrix where it lies in the mapped file: row-major <c>[Rows × Columns]</c>, for a projection <c>[outputs × inputs]</c>.</summary>
/// <remarks>Valid only while the <see cref="LlamaWeights"/> it came from is leased. The data need not be aligned to the number type's size.</remarks>
public readonly unsafe struct WeightMatrix
{
    internal WeightMatrix(byte* data, WeightType type, int rows, int columns)
    {
        Data = data;
        Type = type;
        Rows = rows;
        Columns = columns;
    }

    /// <summary>First byte of the matrix; it has <see cref="ByteCount"/> bytes.</summary>
    public byte* Data { get; }

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
}
