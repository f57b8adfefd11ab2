using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MetaEol.Llama.Weights;

/// <summary>Searches stored weights for numbers that are not finite.</summary>
internal static unsafe class WeightScan
{
    /// <summary>A non-finite number as messages write it.</summary>
    public static string Describe(float value) => float.IsNaN(value) ? "NaN" : value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Column of the first NaN or infinity of a row, or -1; of an 8-bit matrix, of the block whose scale it is.</summary>
    public static int IndexOfNonFinite(in WeightMatrix matrix, int row) => matrix.Type switch
    {
        WeightType.Float32 => IndexOfExponent(matrix.GetRowBytes(row, 1), 0x7F80_0000u),
        WeightType.Float16 => IndexOfExponent<ushort>(matrix.GetRowBytes(row, 1), 0x7C00),
        WeightType.Int8 => IndexOfScale(matrix, row),
        _ => IndexOfExponent<ushort>(matrix.GetRowBytes(row, 1), 0x7F80),
    };

    private static int IndexOfScale(in WeightMatrix matrix, int row)
    {
        for (int column = 0; column < matrix.Columns; column += matrix.BlockColumns)
        {
            if (!float.IsFinite(WeightReader.Scale(matrix, row, column / matrix.BlockColumns)))
            {
                return column;
            }
        }

        return -1;
    }

    // NaN and infinity are the numbers whose exponent bits are all ones.
    private static int IndexOfExponent<T>(ReadOnlySpan<byte> row, T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        int count = row.Length / sizeof(T), index = 0;
        var mask = new Vector<T>(exponent);
        for (; index <= count - Vector<T>.Count; index += Vector<T>.Count)
        {
            if (Vector.EqualsAny(Unsafe.ReadUnaligned<Vector<T>>(in row[index * sizeof(T)]) & mask, mask))
            {
                break;
            }
        }

        for (; index < count; index++)
        {
            if ((MemoryMarshal.Read<T>(row[(index * sizeof(T))..]) & exponent) == exponent)
            {
                return index;
            }
        }

        return -1;
    }
}
