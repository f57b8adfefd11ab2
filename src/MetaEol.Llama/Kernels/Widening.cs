using System.Buffers.Binary;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Kernels;

/// <summary>Widens stored weights to float32.</summary>
internal static unsafe class Widening
{
    /// <summary>One row of a matrix.</summary>
    public static void Row(in WeightMatrix matrix, int row, float* destination)
    {
        var source = new ReadOnlySpan<byte>(matrix.Data + ((long)row * matrix.Columns * matrix.ElementSize), matrix.Columns * matrix.ElementSize);
        for (int i = 0; i < matrix.Columns; i++)
        {
            destination[i] = matrix.Type switch
            {
                WeightType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(source[(4 * i)..]),
                WeightType.Float16 => (float)BinaryPrimitives.ReadHalfLittleEndian(source[(2 * i)..]),
                _ => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(source[(2 * i)..]) << 16),
            };
        }
    }
}
