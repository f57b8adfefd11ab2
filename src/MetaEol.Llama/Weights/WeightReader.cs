using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace MetaEol.Llama.Weights;

/// <summary>Reads stored weights as float32, which holds all three number types exactly. Nothing else widens them but the packing of panels for the matrix products.</summary>
internal static unsafe class WeightReader
{
    /// <summary>The weight at a row and a column.</summary>
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
                WidenBFloat16((ushort*)source, count, (uint*)destination);
                break;
        }
    }

    private static void WidenBFloat16(ushort* source, int count, uint* destination)
    {
        int i = 0;
        for (; i <= count - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(Vector.Load(source + i), out Vector<uint> lower, out Vector<uint> upper);
            (lower << 16).Store(destination + i);
            (upper << 16).Store(destination + i + Vector<uint>.Count);
        }

        for (; i < count; i++)
        {
            destination[i] = (uint)Unsafe.ReadUnaligned<ushort>(source + i) << 16;
        }
    }
}
