using System.Runtime.CompilerServices;

namespace MetaEol.Llama.Kernels;

/// <summary>The small matrix product of attention, with queries in the vector lanes: c[a][lane] (+)= Σ_b m(a, b) · v[b][lane].</summary>
/// <remarks>
/// Scores are this product of keys and transposed queries, the weighted sum of values the same with values and probabilities. Keys and values are read
/// where they lie, one number at a time, each broadcast to all lanes: nothing is transposed or copied for a grouped head.
/// </remarks>
internal static unsafe class StripProduct
{
    /// <param name="m">The broadcast matrix.</param>
    /// <param name="rowStride">Floats between m(a, b) and m(a + 1, b).</param>
    /// <param name="columnStride">Floats between m(a, b) and m(a, b + 1).</param>
    /// <param name="rows">Number of rows a, at least 1.</param>
    /// <param name="depth">Number of terms b.</param>
    /// <param name="v">The vector operand, row b at <paramref name="v"/> + b · <paramref name="stride"/>.</param>
    /// <param name="c">The result, row a at <paramref name="c"/> + a · <paramref name="stride"/>; has room for <paramref name="rows"/> rounded up to 4.</param>
    /// <param name="stride">Floats per row of <paramref name="v"/> and <paramref name="c"/>.</param>
    /// <param name="lanes">Number of lanes, a multiple of the vector length.</param>
    /// <param name="accumulate">Whether to add to <paramref name="c"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<TMath, TVector>(float* m, nint rowStride, nint columnStride, int rows, int depth, float* v, float* c, int stride, int lanes, bool accumulate)
        where TMath : struct, IVectorMath<TVector>
        where TVector : struct
    {
        for (int a = 0; a < rows; a += 4)
        {
            // Rows past the end repeat the last one: their results land in the rounded-up part and are ignored.
            float* m0 = m + (a * rowStride);
            float* m1 = m + (Math.Min(a + 1, rows - 1) * rowStride);
            float* m2 = m + (Math.Min(a + 2, rows - 1) * rowStride);
            float* m3 = m + (Math.Min(a + 3, rows - 1) * rowStride);
            int lane = 0;
            for (; lane <= lanes - (2 * TMath.Lanes); lane += 2 * TMath.Lanes)
            {
                TwoVectors<TMath, TVector>(m0, m1, m2, m3, columnStride, depth, v + lane, c + ((nint)a * stride) + lane, stride, accumulate);
            }

            if (lane < lanes)
            {
                OneVector<TMath, TVector>(m0, m1, m2, m3, columnStride, depth, v + lane, c + ((nint)a * stride) + lane, stride, accumulate);
            }
        }
    }

    // 4 × 2 accumulators: enough to hide the latency of the multiply-add, few enough for 16 registers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TwoVectors<TMath, TVector>(float* m0, float* m1, float* m2, float* m3, nint columnStride, int depth, float* v, float* c, nint stride, bool accumulate)
        where TMath : struct, IVectorMath<TVector>
        where TVector : struct
    {
        int n = TMath.Lanes;
        TVector c00, c01, c10, c11, c20, c21, c30, c31;
        c00 = c01 = c10 = c11 = c20 = c21 = c30 = c31 = TMath.Broadcast(0f);
        if (accumulate)
        {
            c00 = TMath.Load(c);
            c01 = TMath.Load(c + n);
            c10 = TMath.Load(c + stride);
            c11 = TMath.Load(c + stride + n);
            c20 = TMath.Load(c + (2 * stride));
            c21 = TMath.Load(c + (2 * stride) + n);
            c30 = TMath.Load(c + (3 * stride));
            c31 = TMath.Load(c + (3 * stride) + n);
        }

        nint column = 0;
        for (int b = 0; b < depth; b++)
        {
            TVector v0 = TMath.Load(v);
            TVector v1 = TMath.Load(v + n);
            TVector x = TMath.Broadcast(m0[column]);
            c00 = TMath.MultiplyAdd(x, v0, c00);
            c01 = TMath.MultiplyAdd(x, v1, c01);
            x = TMath.Broadcast(m1[column]);
            c10 = TMath.MultiplyAdd(x, v0, c10);
            c11 = TMath.MultiplyAdd(x, v1, c11);
            x = TMath.Broadcast(m2[column]);
            c20 = TMath.MultiplyAdd(x, v0, c20);
            c21 = TMath.MultiplyAdd(x, v1, c21);
            x = TMath.Broadcast(m3[column]);
            c30 = TMath.MultiplyAdd(x, v0, c30);
            c31 = TMath.MultiplyAdd(x, v1, c31);
            v += stride;
            column += columnStride;
        }

        TMath.Store(c00, c);
        TMath.Store(c01, c + n);
        TMath.Store(c10, c + stride);
        TMath.Store(c11, c + stride + n);
        TMath.Store(c20, c + (2 * stride));
        TMath.Store(c21, c + (2 * stride) + n);
        TMath.Store(c30, c + (3 * stride));
        TMath.Store(c31, c + (3 * stride) + n);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OneVector<TMath, TVector>(float* m0, float* m1, float* m2, float* m3, nint columnStride, int depth, float* v, float* c, nint stride, bool accumulate)
        where TMath : struct, IVectorMath<TVector>
        where TVector : struct
    {
        TVector c0, c1, c2, c3;
        c0 = c1 = c2 = c3 = TMath.Broadcast(0f);
        if (accumulate)
        {
            c0 = TMath.Load(c);
            c1 = TMath.Load(c + stride);
            c2 = TMath.Load(c + (2 * stride));
            c3 = TMath.Load(c + (3 * stride));
        }

        nint column = 0;
        for (int b = 0; b < depth; b++)
        {
            TVector v0 = TMath.Load(v);
            c0 = TMath.MultiplyAdd(TMath.Broadcast(m0[column]), v0, c0);
            c1 = TMath.MultiplyAdd(TMath.Broadcast(m1[column]), v0, c1);
            c2 = TMath.MultiplyAdd(TMath.Broadcast(m2[column]), v0, c2);
            c3 = TMath.MultiplyAdd(TMath.Broadcast(m3[column]), v0, c3);
            v += stride;
            column += columnStride;
        }

        TMath.Store(c0, c);
        TMath.Store(c1, c + stride);
        TMath.Store(c2, c + (2 * stride));
        TMath.Store(c3, c + (3 * stride));
    }
}
