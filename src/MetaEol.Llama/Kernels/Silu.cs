using System.Runtime.CompilerServices;

namespace MetaEol.Llama.Kernels;

/// <summary>silu(x) = x / (1 + e^-x).</summary>
internal readonly struct Silu : IGateActivation
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TMath, TVector>(TVector gate)
        where TMath : struct, IVectorMath<TVector>
        where TVector : struct =>
        TMath.Divide(gate, TMath.Add(TMath.Broadcast(1f), VectorExp.Exp<TMath, TVector>(TMath.Subtract(TMath.Broadcast(0f), gate))));

    /// <inheritdoc/>
    public static double Reference(double gate) => gate / (1 + Math.Exp(-gate));
}
