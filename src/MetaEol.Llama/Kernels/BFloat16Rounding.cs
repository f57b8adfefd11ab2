using System.Numerics;
using System.Runtime.CompilerServices;

namespace MetaEol.Llama.Kernels;

/// <summary>Rounds float32 to bfloat16: to the nearest, ties to even; NaN stays NaN.</summary>
internal static unsafe class BFloat16Rounding
{
    private const uint Infinity = 0x7F80_0000, Quiet = 0x40_0000, Half = 0x7FFF;

    /// <summary>One number.</summary>
    public static ushort Round(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        bits = (bits & int.MaxValue) > Infinity ? bits | Quiet : bits + Half + ((bits >> 16) & 1);
        return (ushort)(bits >> 16);
    }

    /// <summary>The float32 of the same value.</summary>
    public static float Widen(ushort value) => BitConverter.UInt32BitsToSingle((uint)value << 16);

    /// <summary>Many numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Round(float* source, int count, ushort* destination)
    {
        int i = 0;
        for (; i <= count - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector<uint> lower = Round(Vector.Load((uint*)source + i));
            Vector<uint> upper = Round(Vector.Load((uint*)source + i + Vector<uint>.Count));
            Vector.Narrow(lower, upper).Store(destination + i);
        }

        for (; i < count; i++)
        {
            destination[i] = Round(source[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> Round(Vector<uint> bits)
    {
        Vector<uint> rounded = bits + new Vector<uint>(Half) + ((bits >> 16) & Vector<uint>.One);
        Vector<uint> isNaN = Vector.GreaterThan(bits & new Vector<uint>(int.MaxValue), new Vector<uint>(Infinity));
        return Vector.ConditionalSelect(isNaN, bits | new Vector<uint>(Quiet), rounded) >> 16;
    }
}
