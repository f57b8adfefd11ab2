using System.Runtime.CompilerServices;

namespace MetaEol.Llama.Kernels;

/// <summary>Rotates a head's vector: the pair (i, i + half) turns by the position's i-th angle.</summary>
internal static unsafe class Rotary
{
    /// <summary>Rotates the first 2 · <paramref name="half"/> floats of a head in place. <paramref name="angles"/>: half cosines, then half sines.</summary>
    public static void Apply(float* head, float* angles, int half)
    {
        var job = new Job { Head = head, Angles = angles, Half = half };
        VectorWidths.Run(VectorWidths.Best, ref job);
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

    private struct Job : IVectorJob
    {
        public float* Head;
        public float* Angles;
        public int Half;

        public readonly void Run<TVector, TSimd>()
            where TVector : struct
            where TSimd : struct, IVectorMath<TVector> => Apply<TSimd, TVector>(Head, Angles, Half);
    }
}
