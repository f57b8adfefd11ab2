using System.Runtime.CompilerServices;

namespace MetaEol.Llama.Kernels;

/// <summary>Writes the finished sums of an item to the output.</summary>
internal static unsafe class SumStore<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    /// <summary>y[rows × outputs from <paramref name="firstOutput"/> on] = sums + bias, or added to y. Outputs beyond the last one are left out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store(float* sums, int panelWidth, int rows, LinearWeights weights, int firstOutput, float* y, nint yStride, bool accumulate)
    {
        int width = Math.Min(panelWidth, weights.Outputs - firstOutput);
        fixed (float* allBias = weights.Bias)
        {
            float* bias = allBias == null ? null : allBias + firstOutput;
            for (int row = 0; row < rows; row++)
            {
                float* source = sums + (row * panelWidth);
                float* target = y + (row * yStride) + firstOutput;
                int i = 0;
                for (; i + TSimd.Lanes <= width; i += TSimd.Lanes)
                {
                    TVector value = TSimd.Load(source + i);
                    value = bias == null ? value : TSimd.Add(value, TSimd.Load(bias + i));
                    value = accumulate ? TSimd.Add(TSimd.Load(target + i), value) : value;
                    TSimd.Store(value, target + i);
                }

                for (; i < width; i++)
                {
                    float value = bias == null ? source[i] : source[i] + bias[i];
                    target[i] = accumulate ? target[i] + value : value;
                }
            }
        }
    }
}
