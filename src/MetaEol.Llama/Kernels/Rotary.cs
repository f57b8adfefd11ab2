using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MetaEol.Llama.Kernels;

/// <summary>Rotates a head's vector: the pair (i, i + half) turns by the position's i-th angle.</summary>
internal static unsafe class Rotary
{
    /// <summary>Rotates one head of 2 · <paramref name="half"/> floats in place. <paramref name="angles"/>: half cosines, then half sines.</summary>
    public static void Apply(float* head, float* angles, int half)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Apply<Simd512, Vector512<float>>(head, angles, half);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Apply<Simd256, Vector256<float>>(head, angles, half);
        }
        else
        {
            Apply<Simd128, Vector128<float>>(head, angles, half);
        }
    }

    /// <summary>The plain version of one pair.</summary>
    public static (float First, float Second) Reference(float first, float second, float cosine, float sine) =>
        ((first * cosine) - (second * sine), (second * cosine) + (first * sine));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Apply<TMath, TVector>(float* head, float* angles, int half)
        where TMath : struct, IVectorMath<TVector>
        where TVector : struct
    {
        int i = 0;
        for (; i <= half - TMath.Lanes; i += TMath.Lanes)
        {
            TVector first = TMath.Load(head + i);
            TVector second = TMath.Load(head + half + i);
            TVector cosine = TMath.Load(angles + i);
            TVector sine = TMath.Load(angles + half + i);
            TMath.Store(TMath.Subtract(TMath.Multiply(first, cosine), TMath.Multiply(second, sine)), head + i);
            TMath.Store(TMath.Add(TMath.Multiply(second, cosine), TMath.Multiply(first, sine)), head + half + i);
        }

        for (; i < half; i++)
        {
            (head[i], head[half + i]) = Reference(head[i], head[half + i], angles[i], angles[half + i]);
        }
    }
}
