using System.Runtime.CompilerServices;

namespace MetaEol.Llama.Kernels;

/// <summary>Register tiles of the float32 product: c[rows × 3 vectors] (+)= x[rows × depth] · panel[depth × 3 vectors].</summary>
/// <remarks>
/// The panel is the vector operand and x is broadcast, so x is read where it lies and c is row-major. Every number of c is one chain of fused multiply-adds in the order
/// of k, whatever the tile's height and the vector's width: results do not depend on which rows share a batch. Sums stay in named locals because the JIT keeps only those in registers.
/// </remarks>
internal static unsafe class MatrixProductTiles<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    /// <summary>Eight rows; 24 sums, 3 weights and 1 broadcast fill 28 of 32 registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows8(float* x, nint xStride, float* panel, int depth, float* c, bool add)
    {
        float* x1 = x + xStride;
        float* x2 = x1 + xStride;
        float* x3 = x2 + xStride;
        float* x4 = x3 + xStride;
        float* x5 = x4 + xStride;
        float* x6 = x5 + xStride;
        float* x7 = x6 + xStride;
        TVector c00 = default, c01 = default, c02 = default;
        TVector c10 = default, c11 = default, c12 = default;
        TVector c20 = default, c21 = default, c22 = default;
        TVector c30 = default, c31 = default, c32 = default;
        TVector c40 = default, c41 = default, c42 = default;
        TVector c50 = default, c51 = default, c52 = default;
        TVector c60 = default, c61 = default, c62 = default;
        TVector c70 = default, c71 = default, c72 = default;
        for (nint k = 0; k < depth; k++)
        {
            TVector w0 = TSimd.Load(panel);
            TVector w1 = TSimd.Load(panel + TSimd.Lanes);
            TVector w2 = TSimd.Load(panel + (2 * TSimd.Lanes));
            panel += 3 * TSimd.Lanes;
            TVector s0 = TSimd.Broadcast(x[k]);
            c00 = TSimd.MultiplyAdd(s0, w0, c00);
            c01 = TSimd.MultiplyAdd(s0, w1, c01);
            c02 = TSimd.MultiplyAdd(s0, w2, c02);
            TVector s1 = TSimd.Broadcast(x1[k]);
            c10 = TSimd.MultiplyAdd(s1, w0, c10);
            c11 = TSimd.MultiplyAdd(s1, w1, c11);
            c12 = TSimd.MultiplyAdd(s1, w2, c12);
            TVector s2 = TSimd.Broadcast(x2[k]);
            c20 = TSimd.MultiplyAdd(s2, w0, c20);
            c21 = TSimd.MultiplyAdd(s2, w1, c21);
            c22 = TSimd.MultiplyAdd(s2, w2, c22);
            TVector s3 = TSimd.Broadcast(x3[k]);
            c30 = TSimd.MultiplyAdd(s3, w0, c30);
            c31 = TSimd.MultiplyAdd(s3, w1, c31);
            c32 = TSimd.MultiplyAdd(s3, w2, c32);
            TVector s4 = TSimd.Broadcast(x4[k]);
            c40 = TSimd.MultiplyAdd(s4, w0, c40);
            c41 = TSimd.MultiplyAdd(s4, w1, c41);
            c42 = TSimd.MultiplyAdd(s4, w2, c42);
            TVector s5 = TSimd.Broadcast(x5[k]);
            c50 = TSimd.MultiplyAdd(s5, w0, c50);
            c51 = TSimd.MultiplyAdd(s5, w1, c51);
            c52 = TSimd.MultiplyAdd(s5, w2, c52);
            TVector s6 = TSimd.Broadcast(x6[k]);
            c60 = TSimd.MultiplyAdd(s6, w0, c60);
            c61 = TSimd.MultiplyAdd(s6, w1, c61);
            c62 = TSimd.MultiplyAdd(s6, w2, c62);
            TVector s7 = TSimd.Broadcast(x7[k]);
            c70 = TSimd.MultiplyAdd(s7, w0, c70);
            c71 = TSimd.MultiplyAdd(s7, w1, c71);
            c72 = TSimd.MultiplyAdd(s7, w2, c72);
        }

        StoreRow(c, c00, c01, c02, add);
        StoreRow(c + (1 * 3 * TSimd.Lanes), c10, c11, c12, add);
        StoreRow(c + (2 * 3 * TSimd.Lanes), c20, c21, c22, add);
        StoreRow(c + (3 * 3 * TSimd.Lanes), c30, c31, c32, add);
        StoreRow(c + (4 * 3 * TSimd.Lanes), c40, c41, c42, add);
        StoreRow(c + (5 * 3 * TSimd.Lanes), c50, c51, c52, add);
        StoreRow(c + (6 * 3 * TSimd.Lanes), c60, c61, c62, add);
        StoreRow(c + (7 * 3 * TSimd.Lanes), c70, c71, c72, add);
    }

    /// <summary>Four rows; 12 sums, 3 weights and 1 broadcast fill the 16 registers of AVX2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows4(float* x, nint xStride, float* panel, int depth, float* c, bool add)
    {
        float* x1 = x + xStride;
        float* x2 = x1 + xStride;
        float* x3 = x2 + xStride;
        TVector c00 = default, c01 = default, c02 = default;
        TVector c10 = default, c11 = default, c12 = default;
        TVector c20 = default, c21 = default, c22 = default;
        TVector c30 = default, c31 = default, c32 = default;
        for (nint k = 0; k < depth; k++)
        {
            TVector w0 = TSimd.Load(panel);
            TVector w1 = TSimd.Load(panel + TSimd.Lanes);
            TVector w2 = TSimd.Load(panel + (2 * TSimd.Lanes));
            panel += 3 * TSimd.Lanes;
            TVector s0 = TSimd.Broadcast(x[k]);
            c00 = TSimd.MultiplyAdd(s0, w0, c00);
            c01 = TSimd.MultiplyAdd(s0, w1, c01);
            c02 = TSimd.MultiplyAdd(s0, w2, c02);
            TVector s1 = TSimd.Broadcast(x1[k]);
            c10 = TSimd.MultiplyAdd(s1, w0, c10);
            c11 = TSimd.MultiplyAdd(s1, w1, c11);
            c12 = TSimd.MultiplyAdd(s1, w2, c12);
            TVector s2 = TSimd.Broadcast(x2[k]);
            c20 = TSimd.MultiplyAdd(s2, w0, c20);
            c21 = TSimd.MultiplyAdd(s2, w1, c21);
            c22 = TSimd.MultiplyAdd(s2, w2, c22);
            TVector s3 = TSimd.Broadcast(x3[k]);
            c30 = TSimd.MultiplyAdd(s3, w0, c30);
            c31 = TSimd.MultiplyAdd(s3, w1, c31);
            c32 = TSimd.MultiplyAdd(s3, w2, c32);
        }

        StoreRow(c, c00, c01, c02, add);
        StoreRow(c + (1 * 3 * TSimd.Lanes), c10, c11, c12, add);
        StoreRow(c + (2 * 3 * TSimd.Lanes), c20, c21, c22, add);
        StoreRow(c + (3 * 3 * TSimd.Lanes), c30, c31, c32, add);
    }

    /// <summary>Two rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows2(float* x, nint xStride, float* panel, int depth, float* c, bool add)
    {
        float* x1 = x + xStride;
        TVector c00 = default, c01 = default, c02 = default;
        TVector c10 = default, c11 = default, c12 = default;
        for (nint k = 0; k < depth; k++)
        {
            TVector w0 = TSimd.Load(panel);
            TVector w1 = TSimd.Load(panel + TSimd.Lanes);
            TVector w2 = TSimd.Load(panel + (2 * TSimd.Lanes));
            panel += 3 * TSimd.Lanes;
            TVector s0 = TSimd.Broadcast(x[k]);
            c00 = TSimd.MultiplyAdd(s0, w0, c00);
            c01 = TSimd.MultiplyAdd(s0, w1, c01);
            c02 = TSimd.MultiplyAdd(s0, w2, c02);
            TVector s1 = TSimd.Broadcast(x1[k]);
            c10 = TSimd.MultiplyAdd(s1, w0, c10);
            c11 = TSimd.MultiplyAdd(s1, w1, c11);
            c12 = TSimd.MultiplyAdd(s1, w2, c12);
        }

        StoreRow(c, c00, c01, c02, add);
        StoreRow(c + (1 * 3 * TSimd.Lanes), c10, c11, c12, add);
    }

    /// <summary>One row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows1(float* x, nint xStride, float* panel, int depth, float* c, bool add)
    {
        TVector c00 = default, c01 = default, c02 = default;
        for (nint k = 0; k < depth; k++)
        {
            TVector w0 = TSimd.Load(panel);
            TVector w1 = TSimd.Load(panel + TSimd.Lanes);
            TVector w2 = TSimd.Load(panel + (2 * TSimd.Lanes));
            panel += 3 * TSimd.Lanes;
            TVector s0 = TSimd.Broadcast(x[k]);
            c00 = TSimd.MultiplyAdd(s0, w0, c00);
            c01 = TSimd.MultiplyAdd(s0, w1, c01);
            c02 = TSimd.MultiplyAdd(s0, w2, c02);
        }

        StoreRow(c, c00, c01, c02, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow(float* c, TVector c0, TVector c1, TVector c2, bool add)
    {
        if (add)
        {
            c0 = TSimd.Add(TSimd.Load(c), c0);
            c1 = TSimd.Add(TSimd.Load(c + TSimd.Lanes), c1);
            c2 = TSimd.Add(TSimd.Load(c + (2 * TSimd.Lanes)), c2);
        }

        TSimd.Store(c0, c);
        TSimd.Store(c1, c + TSimd.Lanes);
        TSimd.Store(c2, c + (2 * TSimd.Lanes));
    }
}
