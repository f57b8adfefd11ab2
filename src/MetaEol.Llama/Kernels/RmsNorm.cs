using System.Runtime.CompilerServices;

namespace MetaEol.Llama.Kernels;

/// <summary>Root-mean-square norm: y = x / sqrt(mean(x²) + ε) · weight (Zhang and Sennrich, 2019).</summary>
internal static unsafe class RmsNorm
{
    // Below this, squares of float32 numbers have lost digits that count where ε is 0.
    private const double SmallestExact = 1e-28;

    /// <summary>Normalises one vector of <paramref name="length"/> floats; <paramref name="output"/> may be <paramref name="input"/>.</summary>
    public static void Apply(float* input, float* weight, float* output, int length, double epsilon)
    {
        var job = new Job { Input = input, Weight = weight, Output = output, Length = length, Epsilon = epsilon };
        VectorWidths.Run(VectorWidths.Best, ref job);
    }

    /// <summary>The plain version.</summary>
    public static void Reference(ReadOnlySpan<float> input, ReadOnlySpan<float> weight, Span<float> output, double epsilon)
    {
        double scale = 1 / Math.Sqrt((SumOfSquares(input) / input.Length) + epsilon);
        for (int i = 0; i < input.Length; i++)
        {
            output[i] = (float)(input[i] * scale * weight[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Apply<TMath, TVector>(float* input, float* weight, float* output, int length, double epsilon)
        where TMath : struct, IVectorMath<TVector>
        where TVector : struct
    {
        // Two accumulators halve the length of the dependency chain and of the rounding chain.
        TVector sum0 = TMath.Broadcast(0f);
        TVector sum1 = sum0;
        int i = 0;
        for (; i <= length - (2 * TMath.Lanes); i += 2 * TMath.Lanes)
        {
            TVector x0 = TMath.Load(input + i);
            TVector x1 = TMath.Load(input + i + TMath.Lanes);
            sum0 = TMath.MultiplyAdd(x0, x0, sum0);
            sum1 = TMath.MultiplyAdd(x1, x1, sum1);
        }

        double squares = TMath.Sum(TMath.Add(sum0, sum1));
        for (; i < length; i++)
        {
            squares += (double)input[i] * input[i];
        }

        if (!(squares >= SmallestExact && double.IsFinite(squares)))
        {
            // The squares leave the range of float32 long before the numbers do: an infinite sum would make a vector of zeros.
            squares = SumOfSquares(new ReadOnlySpan<float>(input, length));
        }

        float scale = (float)(1 / Math.Sqrt((squares / length) + epsilon));
        TVector scales = TMath.Broadcast(scale);
        for (i = 0; i <= length - TMath.Lanes; i += TMath.Lanes)
        {
            TMath.Store(TMath.Multiply(TMath.Multiply(TMath.Load(input + i), scales), TMath.Load(weight + i)), output + i);
        }

        for (; i < length; i++)
        {
            output[i] = input[i] * scale * weight[i];
        }
    }

    private static double SumOfSquares(ReadOnlySpan<float> input)
    {
        double squares = 0;
        foreach (float x in input)
        {
            squares += (double)x * x;
        }

        return squares;
    }

    private struct Job : IVectorJob
    {
        public float* Input;
        public float* Weight;
        public float* Output;
        public int Length;
        public double Epsilon;

        public readonly void Run<TVector, TSimd>()
            where TVector : struct
            where TSimd : struct, IVectorMath<TVector> => Apply<TSimd, TVector>(Input, Weight, Output, Length, Epsilon);
    }
}
