using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using MetaEol.Llama.Kernels;

namespace MetaEol.Llama.Weights;

/// <summary>Reads stored weights as float32, which holds all stored numbers exactly, but for products of 8-bit ones and their scales. Nothing else widens them but the packing of panels for the matrix products.</summary>
internal static unsafe class WeightReader
{
    /// <summary>The weight at a row and a column.</summary>
    public static float Read(in WeightMatrix matrix, int row, int column)
    {
        if (matrix.Type == WeightType.Int8)
        {
            return ReadInt8(matrix, row, column);
        }

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
            case WeightType.Int8:
                for (int i = 0; i < count; i++)
                {
                    destination[i] = ReadInt8(matrix, row, column + i);
                }

                break;
            default:
                WidenBFloat16((ushort*)source, count, (uint*)destination);
                break;
        }
    }

    /// <summary>A row of an 8-bit matrix as it is stored: its integers, and the scale of each block of columns.</summary>
    public static void ReadInt8(in WeightMatrix matrix, int row, Span<sbyte> numbers, Span<float> scales)
    {
        for (int column = 0; column < matrix.Columns; column++)
        {
            numbers[column] = Integer(matrix, row, column);
        }

        for (int block = 0; block < Int8Layout.Blocks(matrix.Columns); block++)
        {
            scales[block] = Scale(matrix, row, block);
        }
    }

    /// <summary>A row of any other matrix in 8 bits, the same numbers as in the products.</summary>
    public static void Quantize(in WeightMatrix matrix, int row, Span<sbyte> numbers, Span<float> scales)
    {
        int depth = MatrixProduct.Int8Depth(matrix.Columns);
        float* block = stackalloc float[depth];
        fixed (sbyte* target = numbers)
        {
            for (int column = 0, index = 0; column < matrix.Columns; column += depth, index++)
            {
                int count = Math.Min(depth, matrix.Columns - column);
                Read(matrix, row, column, count, block);
                scales[index] = Int8Quantizer.Quantize(block, count, target + column, out _);
            }
        }
    }

    private static float ReadInt8(in WeightMatrix matrix, int row, int column) => Integer(matrix, row, column) * Scale(matrix, row, column / MatrixProduct.Int8Depth(matrix.Columns));

    private static sbyte Integer(in WeightMatrix matrix, int row, int column)
    {
        (int panel, int lane) = Math.DivRem(row, Int8Layout.Width);
        (int step, int place) = Math.DivRem(column, Int8Layout.Step);
        return (sbyte)(matrix.Data[(panel * Int8Layout.PanelBytes(matrix.Columns)) + (step * Int8Layout.StepBytes) + (lane * Int8Layout.Step) + place] - Int8Layout.Offset);
    }

    /// <summary>The scale of a row's block of columns in an 8-bit matrix.</summary>
    public static float Scale(in WeightMatrix matrix, int row, int block)
    {
        (int panel, int lane) = Math.DivRem(row, Int8Layout.Width);
        return Unsafe.ReadUnaligned<float>(matrix.Scales + (panel * Int8Layout.PanelScales(matrix.Columns)) + (block * Int8Layout.Width) + lane);
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
