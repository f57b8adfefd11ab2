using System.Runtime.CompilerServices;

namespace MetaEol.Llama.Kernels;

/// <summary>gelu(x) = ½x · (1 + tanh(u)), u = √(2/π) · (x + 0.044715 x³) (Hendrycks and Gimpel, 2016).</summary>
internal readonly struct GeluTanh : IGateActivation
{
    private const double Slope = 0.79788456080286536;
    private const double Cubic = 0.044715;

    /// <inheritdoc/>
    /// <remarks>As x / (1 + e^-2u), which is the same and loses no digits where the tanh is close to -1.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TMath, TVector>(TVector gate)
        where TMath : struct, IVectorMath<TVector>
        where TVector : struct
    {
        TVector one = TMath.Broadcast(1f);
        TVector inner = TMath.Multiply(gate, TMath.MultiplyAdd(TMath.Multiply(gate, gate), TMath.Broadcast((float)Cubic), one));
        TVector e = VectorExp.Exp<TMath, TVector>(TMath.Multiply(inner, TMath.Broadcast((float)(-2 * Slope))));
        return TMath.Divide(gate, TMath.Add(one, e));
    }

    /// <inheritdoc/>
    public static double Reference(double gate) => 0.5 * gate * (1 + Math.Tanh(Slope * (gate + (Cubic * gate * gate * gate))));
}
