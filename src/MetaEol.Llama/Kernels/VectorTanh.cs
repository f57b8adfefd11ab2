using System.Runtime.CompilerServices;

namespace MetaEol.Llama.Kernels;

/// <summary>tanh over vectors, within 3 units in the last place of float32.</summary>
internal static class VectorTanh
{
    /// <summary>tanh(value); NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Tanh<TMath, TVector>(TVector value)
        where TMath : struct, IVectorMath<TVector>
        where TVector : struct
    {
        TVector zero = TMath.Broadcast(0f);
        TVector one = TMath.Broadcast(1f);
        TVector negated = TMath.Subtract(zero, value);
        TVector e = VectorExp.Exp<TMath, TVector>(TMath.Multiply(TMath.Max(value, negated), TMath.Broadcast(2f)));
        TVector large = TMath.Subtract(one, TMath.Divide(TMath.Broadcast(2f), TMath.Add(e, one)));
        large = TMath.Select(TMath.InRange(value, TMath.Broadcast(float.NegativeInfinity), zero), TMath.Subtract(zero, large), large);

        // Close to zero the difference above cancels: the minimax polynomial of Cephes (tanhf).
        TVector square = TMath.Multiply(value, value);
        TVector p = TMath.Broadcast(-5.70498872745e-3f);
        p = TMath.MultiplyAdd(p, square, TMath.Broadcast(2.06390887954e-2f));
        p = TMath.MultiplyAdd(p, square, TMath.Broadcast(-5.37397155531e-2f));
        p = TMath.MultiplyAdd(p, square, TMath.Broadcast(1.33314422036e-1f));
        p = TMath.MultiplyAdd(p, square, TMath.Broadcast(-3.33332819422e-1f));
        TVector small = TMath.MultiplyAdd(TMath.Multiply(p, square), value, value);
        return TMath.Select(TMath.InRange(value, TMath.Broadcast(-0.625f), TMath.Broadcast(0.625f)), small, large);
    }
}
