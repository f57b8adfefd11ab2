using System.Runtime.CompilerServices;

namespace MetaEol.Llama.Kernels;

/// <summary>y += scale · x: a block's output on its way into the residual stream.</summary>
internal static unsafe class ScaledAdd
{
    /// <summary>Adds <paramref name="length"/> floats.</summary>
    public static void Apply(float* x, float scale, float* y, int length)
    {
        var job = new Job { X = x, Scale = scale, Y = y, Length = length };
        VectorWidths.Run(VectorWidths.Best, ref job);
    }

    /// <summary>The plain version of one number.</summary>
    public static float Reference(float x, float scale, float y) => MathF.FusedMultiplyAdd(x, scale, y);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Apply<TMath, TVector>(float* x, float scale, float* y, int length)
        where TMath : struct, IVectorMath<TVector>
        where TVector : struct
    {
        TVector scales = TMath.Broadcast(scale);
        int i = 0;
        for (; i <= length - TMath.Lanes; i += TMath.Lanes)
        {
            TMath.Store(TMath.MultiplyAdd(TMath.Load(x + i), scales, TMath.Load(y + i)), y + i);
        }

        for (; i < length; i++)
        {
            y[i] = Reference(x[i], scale, y[i]);
        }
    }

    private struct Job : IVectorJob
    {
        public float* X;
        public float Scale;
        public float* Y;
        public int Length;

        public readonly void Run<TVector, TSimd>()
            where TVector : struct
            where TSimd : struct, IVectorMath<TVector> => Apply<TSimd, TVector>(X, Scale, Y, Length);
    }
}
