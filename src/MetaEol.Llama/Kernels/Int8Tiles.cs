using System.Runtime.CompilerServices;

namespace MetaEol.Llama.Kernels;

/// <summary>Register tiles of the 8-bit product: the exact sums of one block of columns, then scaled and added to c in float32.</summary>
internal static unsafe class Int8Tiles<TVector, TInt8, TFloat, TSimd>
    where TVector : struct
    where TInt8 : struct, IInt8Simd<TVector, TFloat>
    where TFloat : struct
    where TSimd : struct, ISimd<TFloat>
{
    private static int VectorBytes => 4 * TSimd.Lanes;

    /// <summary>Six rows of one block; 18 sums, 6 products, 3 weights and 2 broadcasts fill 29 of 32 registers.</summary>
    /// <remarks>
    /// Products of two rows first, then their six additions: Zen 4 can run an addition on the two units that multiply, and when each addition directly followed its
    /// product, they took a quarter of the multiplications' time.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows6(in Int8Block block, int row, float* c)
    {
        nint steps = block.Steps;
        byte* weights = block.Weights;
        int* x0 = (int*)(block.Inputs + (row * block.InputStride));
        int* x1 = (int*)(block.Inputs + ((row + 1) * block.InputStride));
        int* x2 = (int*)(block.Inputs + ((row + 2) * block.InputStride));
        int* x3 = (int*)(block.Inputs + ((row + 3) * block.InputStride));
        int* x4 = (int*)(block.Inputs + ((row + 4) * block.InputStride));
        int* x5 = (int*)(block.Inputs + ((row + 5) * block.InputStride));
        TVector c00 = Start(block, row), c01 = c00, c02 = c00;
        TVector c10 = Start(block, row + 1), c11 = c10, c12 = c10;
        TVector c20 = Start(block, row + 2), c21 = c20, c22 = c20;
        TVector c30 = Start(block, row + 3), c31 = c30, c32 = c30;
        TVector c40 = Start(block, row + 4), c41 = c40, c42 = c40;
        TVector c50 = Start(block, row + 5), c51 = c50, c52 = c50;
        for (nint k = 0; k < steps; k++)
        {
            TVector w0 = TInt8.Load(weights);
            TVector w1 = TInt8.Load(weights + VectorBytes);
            TVector w2 = TInt8.Load(weights + (2 * VectorBytes));
            weights += TInt8.Stride;
            TVector s0 = TInt8.Broadcast(x0[k]);
            TVector s1 = TInt8.Broadcast(x1[k]);
            TVector p00 = TInt8.Products(w0, s0);
            TVector p01 = TInt8.Products(w1, s0);
            TVector p02 = TInt8.Products(w2, s0);
            TVector p10 = TInt8.Products(w0, s1);
            TVector p11 = TInt8.Products(w1, s1);
            TVector p12 = TInt8.Products(w2, s1);
            c00 = TInt8.Accumulate(c00, p00, w0, s0);
            c01 = TInt8.Accumulate(c01, p01, w1, s0);
            c02 = TInt8.Accumulate(c02, p02, w2, s0);
            c10 = TInt8.Accumulate(c10, p10, w0, s1);
            c11 = TInt8.Accumulate(c11, p11, w1, s1);
            c12 = TInt8.Accumulate(c12, p12, w2, s1);
            TVector s2 = TInt8.Broadcast(x2[k]);
            TVector s3 = TInt8.Broadcast(x3[k]);
            TVector p20 = TInt8.Products(w0, s2);
            TVector p21 = TInt8.Products(w1, s2);
            TVector p22 = TInt8.Products(w2, s2);
            TVector p30 = TInt8.Products(w0, s3);
            TVector p31 = TInt8.Products(w1, s3);
            TVector p32 = TInt8.Products(w2, s3);
            c20 = TInt8.Accumulate(c20, p20, w0, s2);
            c21 = TInt8.Accumulate(c21, p21, w1, s2);
            c22 = TInt8.Accumulate(c22, p22, w2, s2);
            c30 = TInt8.Accumulate(c30, p30, w0, s3);
            c31 = TInt8.Accumulate(c31, p31, w1, s3);
            c32 = TInt8.Accumulate(c32, p32, w2, s3);
            TVector s4 = TInt8.Broadcast(x4[k]);
            TVector s5 = TInt8.Broadcast(x5[k]);
            TVector p40 = TInt8.Products(w0, s4);
            TVector p41 = TInt8.Products(w1, s4);
            TVector p42 = TInt8.Products(w2, s4);
            TVector p50 = TInt8.Products(w0, s5);
            TVector p51 = TInt8.Products(w1, s5);
            TVector p52 = TInt8.Products(w2, s5);
            c40 = TInt8.Accumulate(c40, p40, w0, s4);
            c41 = TInt8.Accumulate(c41, p41, w1, s4);
            c42 = TInt8.Accumulate(c42, p42, w2, s4);
            c50 = TInt8.Accumulate(c50, p50, w0, s5);
            c51 = TInt8.Accumulate(c51, p51, w1, s5);
            c52 = TInt8.Accumulate(c52, p52, w2, s5);
        }

        AddScaled(block, row, c, c00, c01, c02);
        AddScaled(block, row + 1, c + (1 * 3 * TSimd.Lanes), c10, c11, c12);
        AddScaled(block, row + 2, c + (2 * 3 * TSimd.Lanes), c20, c21, c22);
        AddScaled(block, row + 3, c + (3 * 3 * TSimd.Lanes), c30, c31, c32);
        AddScaled(block, row + 4, c + (4 * 3 * TSimd.Lanes), c40, c41, c42);
        AddScaled(block, row + 5, c + (5 * 3 * TSimd.Lanes), c50, c51, c52);
    }

    /// <summary>Four rows of one block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows4(in Int8Block block, int row, float* c)
    {
        nint steps = block.Steps;
        byte* weights = block.Weights;
        int* x0 = (int*)(block.Inputs + (row * block.InputStride));
        int* x1 = (int*)(block.Inputs + ((row + 1) * block.InputStride));
        int* x2 = (int*)(block.Inputs + ((row + 2) * block.InputStride));
        int* x3 = (int*)(block.Inputs + ((row + 3) * block.InputStride));
        TVector c00 = Start(block, row), c01 = c00, c02 = c00;
        TVector c10 = Start(block, row + 1), c11 = c10, c12 = c10;
        TVector c20 = Start(block, row + 2), c21 = c20, c22 = c20;
        TVector c30 = Start(block, row + 3), c31 = c30, c32 = c30;
        for (nint k = 0; k < steps; k++)
        {
            TVector w0 = TInt8.Load(weights);
            TVector w1 = TInt8.Load(weights + VectorBytes);
            TVector w2 = TInt8.Load(weights + (2 * VectorBytes));
            weights += TInt8.Stride;
            TVector s0 = TInt8.Broadcast(x0[k]);
            c00 = TInt8.Accumulate(c00, TInt8.Products(w0, s0), w0, s0);
            c01 = TInt8.Accumulate(c01, TInt8.Products(w1, s0), w1, s0);
            c02 = TInt8.Accumulate(c02, TInt8.Products(w2, s0), w2, s0);
            TVector s1 = TInt8.Broadcast(x1[k]);
            c10 = TInt8.Accumulate(c10, TInt8.Products(w0, s1), w0, s1);
            c11 = TInt8.Accumulate(c11, TInt8.Products(w1, s1), w1, s1);
            c12 = TInt8.Accumulate(c12, TInt8.Products(w2, s1), w2, s1);
            TVector s2 = TInt8.Broadcast(x2[k]);
            c20 = TInt8.Accumulate(c20, TInt8.Products(w0, s2), w0, s2);
            c21 = TInt8.Accumulate(c21, TInt8.Products(w1, s2), w1, s2);
            c22 = TInt8.Accumulate(c22, TInt8.Products(w2, s2), w2, s2);
            TVector s3 = TInt8.Broadcast(x3[k]);
            c30 = TInt8.Accumulate(c30, TInt8.Products(w0, s3), w0, s3);
            c31 = TInt8.Accumulate(c31, TInt8.Products(w1, s3), w1, s3);
            c32 = TInt8.Accumulate(c32, TInt8.Products(w2, s3), w2, s3);
        }

        AddScaled(block, row, c, c00, c01, c02);
        AddScaled(block, row + 1, c + (1 * 3 * TSimd.Lanes), c10, c11, c12);
        AddScaled(block, row + 2, c + (2 * 3 * TSimd.Lanes), c20, c21, c22);
        AddScaled(block, row + 3, c + (3 * 3 * TSimd.Lanes), c30, c31, c32);
    }

    /// <summary>Two rows of one block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows2(in Int8Block block, int row, float* c)
    {
        nint steps = block.Steps;
        byte* weights = block.Weights;
        int* x0 = (int*)(block.Inputs + (row * block.InputStride));
        int* x1 = (int*)(block.Inputs + ((row + 1) * block.InputStride));
        TVector c00 = Start(block, row), c01 = c00, c02 = c00;
        TVector c10 = Start(block, row + 1), c11 = c10, c12 = c10;
        for (nint k = 0; k < steps; k++)
        {
            TVector w0 = TInt8.Load(weights);
            TVector w1 = TInt8.Load(weights + VectorBytes);
            TVector w2 = TInt8.Load(weights + (2 * VectorBytes));
            weights += TInt8.Stride;
            TVector s0 = TInt8.Broadcast(x0[k]);
            TVector s1 = TInt8.Broadcast(x1[k]);
            TVector p00 = TInt8.Products(w0, s0);
            TVector p01 = TInt8.Products(w1, s0);
            TVector p02 = TInt8.Products(w2, s0);
            TVector p10 = TInt8.Products(w0, s1);
            TVector p11 = TInt8.Products(w1, s1);
            TVector p12 = TInt8.Products(w2, s1);
            c00 = TInt8.Accumulate(c00, p00, w0, s0);
            c01 = TInt8.Accumulate(c01, p01, w1, s0);
            c02 = TInt8.Accumulate(c02, p02, w2, s0);
            c10 = TInt8.Accumulate(c10, p10, w0, s1);
            c11 = TInt8.Accumulate(c11, p11, w1, s1);
            c12 = TInt8.Accumulate(c12, p12, w2, s1);
        }

        AddScaled(block, row, c, c00, c01, c02);
        AddScaled(block, row + 1, c + (1 * 3 * TSimd.Lanes), c10, c11, c12);
    }

    /// <summary>One row of one block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows1(in Int8Block block, int row, float* c)
    {
        nint steps = block.Steps;
        byte* weights = block.Weights;
        int* x0 = (int*)(block.Inputs + (row * block.InputStride));
        TVector c00 = Start(block, row), c01 = c00, c02 = c00;
        for (nint k = 0; k < steps; k++)
        {
            TVector w0 = TInt8.Load(weights);
            TVector w1 = TInt8.Load(weights + VectorBytes);
            TVector w2 = TInt8.Load(weights + (2 * VectorBytes));
            weights += TInt8.Stride;
            TVector s0 = TInt8.Broadcast(x0[k]);
            c00 = TInt8.Accumulate(c00, TInt8.Products(w0, s0), w0, s0);
            c01 = TInt8.Accumulate(c01, TInt8.Products(w1, s0), w1, s0);
            c02 = TInt8.Accumulate(c02, TInt8.Products(w2, s0), w2, s0);
        }

        AddScaled(block, row, c, c00, c01, c02);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Start(in Int8Block block, int row) => TInt8.WeightOffset == 0 ? default : TInt8.Broadcast(block.Starts[row]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddScaled(in Int8Block block, int row, float* c, TVector c0, TVector c1, TVector c2)
    {
        TFloat inputScale = TSimd.Broadcast(block.InputScales[row]);
        AddScaled(block, inputScale, block.WeightScales, c, c0);
        AddScaled(block, inputScale, block.WeightScales + TSimd.Lanes, c + TSimd.Lanes, c1);
        AddScaled(block, inputScale, block.WeightScales + (2 * TSimd.Lanes), c + (2 * TSimd.Lanes), c2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddScaled(in Int8Block block, TFloat inputScale, float* weightScales, float* c, TVector sum)
    {
        TFloat scale = TSimd.Multiply(inputScale, TSimd.Load(weightScales));
        TFloat value = TInt8.ToSingle(sum);
        TSimd.Store(block.Add ? TSimd.MultiplyAdd(value, scale, TSimd.Load(c)) : TSimd.Multiply(value, scale), c);
    }
}
