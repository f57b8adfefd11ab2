using System.Runtime.CompilerServices;

namespace MetaEol.Llama.Kernels;

/// <summary>Sums of e^(x - offset), the denominator of a softmax.</summary>
internal static unsafe class ExponentialSum
{
    /// <summary>The sum over some numbers, none of which is above <paramref name="offset"/>.</summary>
    public static double Of(ReadOnlySpan<float> numbers, float offset)
    {
        fixed (float* source = numbers)
        {
            var job = new Job { Source = source, Count = numbers.Length, Offset = offset };
            VectorWidths.Run(VectorWidths.Best, ref job);
            return job.Sum;
        }
    }

    /// <summary>The plain version.</summary>
    public static double Reference(ReadOnlySpan<float> numbers, float offset)
    {
        double sum = 0;
        foreach (float number in numbers)
        {
            sum += Math.Exp((double)number - offset);
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static double Of<TMath, TVector>(float* source, int count, float offset)
        where TMath : struct, IVectorMath<TVector>
        where TVector : struct
    {
        TVector sums = TMath.Broadcast(0f);
        TVector offsets = TMath.Broadcast(offset);
        int i = 0;
        for (; i <= count - TMath.Lanes; i += TMath.Lanes)
        {
            sums = TMath.Add(sums, VectorExp.Exp<TMath, TVector>(TMath.Subtract(TMath.Load(source + i), offsets)));
        }

        return TMath.Sum(sums) + Reference(new ReadOnlySpan<float>(source + i, count - i), offset);
    }

    private struct Job : IVectorJob
    {
        public float* Source;
        public int Count;
        public float Offset;
        public double Sum;

        public void Run<TVector, TSimd>()
            where TVector : struct
            where TSimd : struct, IVectorMath<TVector> => Sum = Of<TSimd, TVector>(Source, Count, Offset);
    }
}
