using System.Buffers.Binary;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Kernels;

/// <summary>Reads single weights, for references and for the edges that vectors do not cover.</summary>
internal static unsafe class WeightReader
{
    /// <summary>The weight at a row and a column, widened.</summary>
    public static float Read(in WeightMatrix matrix, int row, int column)
    {
        byte* source = matrix.Data + ((((long)row * matrix.Columns) + column) * matrix.ElementSize);
        return matrix.Type switch
        {
            WeightType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(new ReadOnlySpan<byte>(source, 4)),
            WeightType.Float16 => (float)BinaryPrimitives.ReadHalfLittleEndian(new ReadOnlySpan<byte>(source, 2)),
            _ => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(new ReadOnlySpan<byte>(source, 2)) << 16),
        };
    }
}
