using System.Runtime.CompilerServices;

namespace MetaEol.Llama.Kernels;

/// <summary>The gated activation of the MLP: y = silu(gate) · up, silu(x) = x / (1 + e^-x) (Shazeer, 2020).</summary>
internal static unsafe class SwiGlu
{
    /// <summary>Applies the activation to <paramref name="length"/> floats; <paramref name="output"/> may be <paramref name="gate"/>.</summary>
    public static void Apply(float* gate, float* up, float* output, int length)
    {
        var job = new Job { Gate = gate, Up = up, Output = output, Length = length };
        VectorWidths.Run(VectorWidths.Best, ref job);
    }

    /// <summary>The plain version.</summary>
    public static float Reference(float gate, float up) => (float)(gate / (1 + Math.Exp(-(double)gate)) * up);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Apply<TMath, TVector>(float* gate, float* up, float* output, int length)
        where TMath : struct, IVectorMath<TVector>
        where TVector : struct
    {
        TVector one = TMath.Broadcast(1f);
        TVector zero = TMath.Broadcast(0f);
        int i = 0;
        for (; i <= length - TMath.Lanes; i += TMath.Lanes)
        {
            TVector g = TMath.Load(gate + i);
            TVector e = VectorExp.Exp<TMath, TVector>(TMath.Subtract(zero, g));
            TMath.Store(TMath.Multiply(TMath.Divide(g, TMath.Add(one, e)), TMath.Load(up + i)), output + i);
        }

        for (; i < length; i++)
        {
            output[i] = Reference(gate[i], up[i]);
        }
    }

    private struct Job : IVectorJob
    {
        public float* Gate;
        public float* Up;
        public float* Output;
        public int Length;

        public readonly void Run<TVector, TSimd>()
            where TVector : struct
            where TSimd : struct, IVectorMath<TVector> => Apply<TSimd, TVector>(Gate, Up, Output, Length);
    }
}
