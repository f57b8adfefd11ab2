using System.Runtime.CompilerServices;

namespace MetaEol.Llama.Kernels;

/// <summary>e^x over vectors, within 2 units in the last place of float32.</summary>
internal static class VectorExp
{
    // ln 2 in two parts: n · High is exact for |n| < 2^9, so the reduced argument keeps its last bits (Cody and Waite).
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    /// <summary>e^value; values below -87 give about 1e-38 and values above 88 about 1e38: NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp<TMath, TVector>(TVector value)
        where TMath : struct, IVectorMath<TVector>
        where TVector : struct
    {
        // The value stands second: the machine's min and max return their second operand for NaN, which must not be lost.
        TVector x = TMath.Min(TMath.Broadcast(88f), TMath.Max(TMath.Broadcast(-87f), value));
        TVector n = TMath.Round(TMath.Multiply(x, TMath.Broadcast(1.44269504f)));
        TVector r = TMath.MultiplyAdd(n, TMath.Broadcast(-Ln2High), x);
        r = TMath.MultiplyAdd(n, TMath.Broadcast(-Ln2Low), r);

        // Minimax polynomial of (e^r - 1 - r) / r^2 on ±ln2/2 (Cephes, expf).
        TVector p = TMath.Broadcast(1.9875691500e-4f);
        p = TMath.MultiplyAdd(p, r, TMath.Broadcast(1.3981999507e-3f));
        p = TMath.MultiplyAdd(p, r, TMath.Broadcast(8.3334519073e-3f));
        p = TMath.MultiplyAdd(p, r, TMath.Broadcast(4.1665795894e-2f));
        p = TMath.MultiplyAdd(p, r, TMath.Broadcast(1.6666665459e-1f));
        p = TMath.MultiplyAdd(p, r, TMath.Broadcast(5.0000001201e-1f));
        p = TMath.MultiplyAdd(p, TMath.Multiply(r, r), TMath.Add(r, TMath.Broadcast(1f)));
        return TMath.Scale(p, n);
    }
}
