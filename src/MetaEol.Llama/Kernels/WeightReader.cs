using System.Buffers.Binary;
using System.Runtime.CompilerServices;
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

    /// <summary>Widens <paramref name="count"/> weights of a row, from <paramref name="column"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Read(in WeightMatrix matrix, int row, int column, int count, float* destination)
    {
        byte* source = matrix.Data + ((((long)row * matrix.Columns) + column) * matrix.ElementSize);
        switch (matrix.Type)
        {
            case WeightType.Float32:
                Unsafe.CopyBlockUnaligned(destination, source, (uint)count * sizeof(float));
                break;
            case WeightType.Float16:
                for (int i = 0; i < count; i++)
                {
                    destination[i] = (float)Unsafe.ReadUnaligned<Half>(source + (2 * i));
                }

                break;
            default:
                for (int i = 0; i < count; i++)
                {
                    ((uint*)destination)[i] = (uint)Unsafe.ReadUnaligned<ushort>(source + (2 * i)) << 16;
                }

                break;
        }
    }
}
