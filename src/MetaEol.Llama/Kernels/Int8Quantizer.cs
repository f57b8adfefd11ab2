using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MetaEol.Llama.Kernels;

/// <summary>Symmetric 8-bit quantization of a block of numbers: each is about scale · integer, with integers in -127 .. 127.</summary>
internal static unsafe class Int8Quantizer
{
    // Below this the quotient 127 / maximum would overflow; such a block counts as zeros.
    private const float Smallest = 1e-35f;

    // Added to a small number, it leaves the number, rounded to the nearest integer (ties to even), in the lowest bits: the same on every machine.
    private const float Rounder = 12582912f;

    /// <summary>Quantizes <paramref name="count"/> numbers and returns the scale, which is NaN if a number is not finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Quantize(float* source, int count, short* destination, out int sum)
    {
        float maximum = MaximumMagnitude(source, count);
        sum = 0;
        if (!(maximum >= Smallest) || !float.IsFinite(maximum))
        {
            new Span<short>(destination, count).Clear();
            return maximum < Smallest ? 0 : float.NaN;
        }

        float inverse = 127f / maximum;
        Vector<int> sums = Vector<int>.Zero;
        int i = 0;
        for (; i + (2 * Vector<float>.Count) <= count; i += 2 * Vector<float>.Count)
        {
            Vector<int> lower = Round(Vector.Load(source + i), inverse);
            Vector<int> upper = Round(Vector.Load(source + i + Vector<float>.Count), inverse);
            sums += lower + upper;
            Vector.Narrow(lower, upper).Store(destination + i);
        }

        sum = Vector.Sum(sums);
        for (; i < count; i++)
        {
            float rounded = (source[i] * inverse) + Rounder;
            destination[i] = (short)(BitConverter.SingleToInt32Bits(rounded) - BitConverter.SingleToInt32Bits(Rounder));
            sum += destination[i];
        }

        return maximum / 127f;
    }

    /// <summary>The same into bytes.</summary>
    public static float Quantize(float* source, int count, sbyte* destination, out int sum)
    {
        if (VectorWidths.Best == VectorWidth.Bits512)
        {
            return Quantize512(source, count, destination, out sum);
        }

        short* numbers = stackalloc short[count];
        float scale = Quantize(source, count, numbers, out sum);
        int i = 0;
        for (; i + (2 * Vector<short>.Count) <= count; i += 2 * Vector<short>.Count)
        {
            Vector.Narrow(Vector.Load(numbers + i), Vector.Load(numbers + i + Vector<short>.Count)).Store(destination + i);
        }

        for (; i < count; i++)
        {
            destination[i] = (sbyte)numbers[i];
        }

        return scale;
    }

    // Converting rounds to the nearest integer, ties to even, as adding the rounder does.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Quantize512(float* source, int count, sbyte* destination, out int sum)
    {
        Vector512<int> maxima = Vector512<int>.Zero;
        int whole = count & ~15;
        for (int i = 0; i < whole; i += 16)
        {
            maxima = Vector512.Max(maxima, Vector512.Load((int*)(source + i)) & Vector512.Create(int.MaxValue));
        }

        Vector256<int> half = Vector256.Max(maxima.GetLower(), maxima.GetUpper());
        Vector128<int> quarter = Vector128.Max(half.GetLower(), half.GetUpper());
        quarter = Vector128.Max(quarter, Vector128.Shuffle(quarter, Vector128.Create(2, 3, 0, 1)));
        int highest = Math.Max(quarter[0], quarter[1]);
        for (int i = whole; i < count; i++)
        {
            highest = Math.Max(highest, ((int*)source)[i] & int.MaxValue);
        }

        float maximum = BitConverter.Int32BitsToSingle(highest);
        sum = 0;
        if (!(maximum >= Smallest) || !float.IsFinite(maximum))
        {
            new Span<sbyte>(destination, count).Clear();
            return maximum < Smallest ? 0 : float.NaN;
        }

        float inverse = 127f / maximum;
        Vector512<float> inverses = Vector512.Create(inverse);
        Vector512<int> sums = Vector512<int>.Zero;
        for (int i = 0; i < whole; i += 16)
        {
            Vector512<int> numbers = Avx512F.ConvertToVector512Int32(Vector512.Load(source + i) * inverses);
            sums += numbers;
            Avx512F.ConvertToVector128SByte(numbers).Store(destination + i);
        }

        sum = Vector512.Sum(sums);
        for (int i = whole; i < count; i++)
        {
            destination[i] = (sbyte)MathF.Round(source[i] * inverse);
            sum += destination[i];
        }

        return maximum / 127f;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<int> Round(Vector<float> numbers, float inverse) =>
        Vector.AsVectorInt32((numbers * inverse) + new Vector<float>(Rounder)) - new Vector<int>(BitConverter.SingleToInt32Bits(Rounder));

    // As integers, magnitudes are ordered like the numbers, with infinity and NaN above all of them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float MaximumMagnitude(float* source, int count)
    {
        Vector<int> maxima = Vector<int>.Zero;
        int i = 0;
        for (; i + Vector<float>.Count <= count; i += Vector<float>.Count)
        {
            maxima = Vector.Max(maxima, Vector.Load((int*)(source + i)) & new Vector<int>(int.MaxValue));
        }

        int maximum = 0;
        for (int lane = 0; lane < Vector<int>.Count; lane++)
        {
            maximum = Math.Max(maximum, maxima[lane]);
        }

        for (; i < count; i++)
        {
            maximum = Math.Max(maximum, ((int*)source)[i] & int.MaxValue);
        }

        return BitConverter.Int32BitsToSingle(maximum);
    }
}
