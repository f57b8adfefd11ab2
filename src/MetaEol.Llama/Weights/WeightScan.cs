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

    /// <summary>Index of the first NaN or infinity of a row, or -1.</summary>
    public static int IndexOfNonFinite(ReadOnlySpan<byte> row, WeightType type) => type switch
    {
        WeightType.Float32 => IndexOfExponent(row, 0x7F80_0000u),
        WeightType.Float16 => IndexOfExponent<ushort>(row, 0x7C00),
        _ => IndexOfExponent<ushort>(row, 0x7F80),
    };

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
