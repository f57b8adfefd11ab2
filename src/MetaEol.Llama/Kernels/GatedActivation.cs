using System.Runtime.CompilerServices;
using MetaEol.Llama.Configuration;

namespace MetaEol.Llama.Kernels;

/// <summary>The gated activation of the MLP: y = activation(gate) · up (Shazeer, 2020).</summary>
internal static unsafe class GatedActivation
{
    /// <summary>Applies an activation to <paramref name="length"/> floats; <paramref name="output"/> may be <paramref name="gate"/>.</summary>
    public static void Apply(Activation activation, float* gate, float* up, float* output, int length)
    {
        switch (activation)
        {
            case Activation.GeluTanh:
                Apply<GeluTanh>(gate, up, output, length);
                break;
            default:
                Apply<Silu>(gate, up, output, length);
                break;
        }
    }

    /// <summary>The plain version.</summary>
    public static float Reference<TActivation>(float gate, float up)
        where TActivation : struct, IGateActivation => (float)(TActivation.Reference(gate) * up);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Apply<TActivation, TMath, TVector>(float* gate, float* up, float* output, int length)
        where TActivation : struct, IGateActivation
        where TMath : struct, IVectorMath<TVector>
        where TVector : struct
    {
        int i = 0;
        for (; i <= length - TMath.Lanes; i += TMath.Lanes)
        {
            TMath.Store(TMath.Multiply(TActivation.Apply<TMath, TVector>(TMath.Load(gate + i)), TMath.Load(up + i)), output + i);
        }

        for (; i < length; i++)
        {
            output[i] = Reference<TActivation>(gate[i], up[i]);
        }
    }

    private static void Apply<TActivation>(float* gate, float* up, float* output, int length)
        where TActivation : struct, IGateActivation
    {
        var job = new Job<TActivation> { Gate = gate, Up = up, Output = output, Length = length };
        VectorWidths.Run(VectorWidths.Best, ref job);
    }

    private struct Job<TActivation> : IVectorJob
        where TActivation : struct, IGateActivation
    {
        public float* Gate;
        public float* Up;
        public float* Output;
        public int Length;

        public readonly void Run<TVector, TSimd>()
            where TVector : struct
            where TSimd : struct, IVectorMath<TVector> => Apply<TActivation, TSimd, TVector>(Gate, Up, Output, Length);
    }
}
