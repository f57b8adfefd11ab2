using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Kernels;

/// <summary>Sizes of the blocked product, and the plain one it is held against.</summary>
internal static unsafe class MatrixProduct
{
    /// <summary>Vectors in a row of a packed panel.</summary>
    public const int PanelVectors = 3;

    /// <summary>Most rows of x in one item of work: their sums and a slice of x stay in the L2 cache.</summary>
    public const int MaxChunkRows = 512;

    private const int MaxDepth = 256;
    private const int MaxInt8Depth = 128;
    private const int MaxBFloat16Depth = 128;
    private const int DepthStep = 32;

    /// <summary>Columns that are summed in one go, for rows of <paramref name="inputs"/> columns: a panel of that depth stays in the L2 cache, and shorter sums round less.</summary>
    /// <remarks>Depends on nothing else, because it decides how a result is rounded.</remarks>
    public static int Depth(int inputs) => Depth(inputs, MaxDepth);

    /// <summary>Columns that share a scale in the 8-bit product: few, so that an outlier spoils few, but enough that scaling their sum costs little.</summary>
    public static int Int8Depth(int inputs) => Depth(inputs, MaxInt8Depth);

    /// <summary>Columns of a block of the bfloat16 product; decides about nothing but what the first-level cache holds.</summary>
    public static int BFloat16Depth(int inputs) => Depth(inputs, MaxBFloat16Depth);

    private static int Depth(int inputs, int maxDepth)
    {
        int blocks = (inputs + maxDepth - 1) / maxDepth;
        int depth = (inputs + blocks - 1) / blocks;
        return (depth + DepthStep - 1) / DepthStep * DepthStep;
    }

    /// <summary>Rows of x in one item: as many as possible, but few enough that every thread gets several items.</summary>
    public static int ChunkRows(int rows, int panels, int threads)
    {
        const int MinChunkRows = 64;
        int chunks = (rows + MaxChunkRows - 1) / MaxChunkRows;
        int wanted = threads == 1 ? 1 : (16 * threads) / panels;
        chunks = Math.Max(chunks, Math.Min(wanted, rows / MinChunkRows));
        int chunkRows = (rows + chunks - 1) / chunks;
        return (chunkRows + 7) / 8 * 8;
    }

    /// <summary>The product of <see cref="Linear"/>, number by number: the reference of the kernels, equal to them bit by bit.</summary>
    public static void Reference(LinearWeights weights, float* x, nint xStride, int rows, float* y, nint yStride, bool accumulate)
    {
        int depth = Depth(weights.Inputs);
        for (int n = 0; n < weights.Outputs; n++)
        {
            int part = weights.PartOf(n);
            for (int m = 0; m < rows; m++)
            {
                float sum = 0;
                for (int k0 = 0; k0 < weights.Inputs; k0 += depth)
                {
                    float block = 0;
                    for (int k = k0; k < Math.Min(k0 + depth, weights.Inputs); k++)
                    {
                        block = MathF.FusedMultiplyAdd(x[(m * xStride) + k], WeightReader.Read(weights.Parts[part], n - weights.FirstRows[part], k), block);
                    }

                    sum = k0 == 0 ? block : sum + block;
                }

                Store(weights, n, sum, y + (m * yStride) + n, accumulate);
            }
        }
    }

    /// <summary>The 8-bit product, number by number: the reference of its kernels, equal to them bit by bit.</summary>
    public static void ReferenceInt8(LinearWeights weights, float* x, nint xStride, int rows, float* y, nint yStride, bool accumulate)
    {
        int depth = Int8Depth(weights.Inputs);
        float* weight = stackalloc float[depth];
        short* quantizedWeight = stackalloc short[depth];
        short* quantizedInput = stackalloc short[depth];
        for (int n = 0; n < weights.Outputs; n++)
        {
            int part = weights.PartOf(n);
            for (int m = 0; m < rows; m++)
            {
                float sum = 0;
                for (int k0 = 0; k0 < weights.Inputs; k0 += depth)
                {
                    int count = Math.Min(depth, weights.Inputs - k0);
                    WeightReader.Read(weights.Parts[part], n - weights.FirstRows[part], k0, count, weight);
                    float weightScale = Int8Quantizer.Quantize(weight, count, quantizedWeight, out _);
                    float inputScale = Int8Quantizer.Quantize(x + (m * xStride) + k0, count, quantizedInput, out _);
                    int products = 0;
                    for (int k = 0; k < count; k++)
                    {
                        products += quantizedWeight[k] * quantizedInput[k];
                    }

                    sum = k0 == 0 ? products * (inputScale * weightScale) : MathF.FusedMultiplyAdd(products, inputScale * weightScale, sum);
                }

                Store(weights, n, sum, y + (m * yStride) + n, accumulate);
            }
        }
    }

    /// <summary>The bfloat16 product, number by number: the reference of its kernels, equal to them bit by bit.</summary>
    public static void ReferenceBFloat16(LinearWeights weights, float* x, nint xStride, int rows, float* y, nint yStride, bool accumulate)
    {
        for (int n = 0; n < weights.Outputs; n++)
        {
            int part = weights.PartOf(n);
            for (int m = 0; m < rows; m++)
            {
                // The processor's order: the second of each pair first, each product added with one rounding. Beyond the last column there is a zero.
                float sum = 0;
                for (int k = 0; k < weights.Inputs; k += 2)
                {
                    for (int i = k + 1; i >= k; i--)
                    {
                        float input = i < weights.Inputs ? RoundToBFloat16(x[(m * xStride) + i]) : 0;
                        float weight = i < weights.Inputs ? RoundToBFloat16(WeightReader.Read(weights.Parts[part], n - weights.FirstRows[part], i)) : 0;
                        sum = Flush(MathF.FusedMultiplyAdd(input, weight, sum));
                    }
                }

                Store(weights, n, sum, y + (m * yStride) + n, accumulate);
            }
        }
    }

    private static float RoundToBFloat16(float value) => Flush(BFloat16Rounding.Widen(BFloat16Rounding.Round(value)));

    private static float Flush(float value) => float.IsSubnormal(value) ? MathF.CopySign(0, value) : value;

    private static void Store(LinearWeights weights, int output, float sum, float* target, bool accumulate)
    {
        float value = weights.Bias is null ? sum : sum + weights.Bias[output];
        *target = accumulate ? *target + value : value;
    }
}
