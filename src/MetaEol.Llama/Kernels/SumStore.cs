using System.Runtime.CompilerServices;

namespace MetaEol.Llama.Kernels;

/// <summary>Writes the finished sums of an item to the output.</summary>
internal static unsafe class SumStore
{
    /// <summary>y[rows × <paramref name="count"/> outputs from <paramref name="firstOutput"/> on] = sums + bias, or added to y.</summary>
    public static void Store(float* sums, int panelWidth, int rows, LinearWeights weights, int firstOutput, int count, float* y, nint yStride, bool accumulate)
    {
        fixed (float* bias = weights.Bias)
        {
            var job = new Job
            {
                Sums = sums,
                PanelWidth = panelWidth,
                Width = count,
                Rows = rows,
                Bias = bias == null ? null : bias + firstOutput,
                Target = y + firstOutput,
                Stride = yStride,
                Accumulate = accumulate,
            };
            VectorWidths.Run(VectorWidths.Best, ref job);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Store<TVector, TSimd>(in Job job)
        where TVector : struct
        where TSimd : struct, ISimd<TVector>
    {
        for (int row = 0; row < job.Rows; row++)
        {
            float* source = job.Sums + (row * job.PanelWidth);
            float* target = job.Target + (row * job.Stride);
            int i = 0;
            for (; i + TSimd.Lanes <= job.Width; i += TSimd.Lanes)
            {
                TVector value = TSimd.Load(source + i);
                value = job.Bias == null ? value : TSimd.Add(value, TSimd.Load(job.Bias + i));
                value = job.Accumulate ? TSimd.Add(TSimd.Load(target + i), value) : value;
                TSimd.Store(value, target + i);
            }

            for (; i < job.Width; i++)
            {
                float value = job.Bias == null ? source[i] : source[i] + job.Bias[i];
                target[i] = job.Accumulate ? target[i] + value : value;
            }
        }
    }

    private struct Job : IVectorJob
    {
        public float* Sums;
        public int PanelWidth;
        public int Width;
        public int Rows;
        public float* Bias;
        public float* Target;
        public nint Stride;
        public bool Accumulate;

        public readonly void Run<TVector, TSimd>()
            where TVector : struct
            where TSimd : struct, IVectorMath<TVector> => Store<TVector, TSimd>(this);
    }
}
