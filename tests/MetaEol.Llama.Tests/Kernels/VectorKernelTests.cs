using System.Runtime.Intrinsics;
using MetaEol.Llama.Kernels;

namespace MetaEol.Llama.Tests.Kernels;

/// <summary>The element-wise kernels of every vector width against their plain versions; all widths run on every machine.</summary>
public unsafe class VectorKernelTests
{
    public static TheoryData<int, int> WidthsAndLengths()
    {
        var data = new TheoryData<int, int>();
        foreach (int width in (int[])[128, 256, 512])
        {
            foreach (int length in (int[])[1, 2, 3, 15, 16, 17, 33, 64, 90, 576])
            {
                data.Add(width, length);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(WidthsAndLengths))]
    public void RmsNorm_EveryWidth_EqualsReference(int width, int length)
    {
        CheckRmsNorm(width, Random(length, 3), epsilon: 1e-5);
    }

    // Squares of these are beyond float32, or nearly nothing in it; the numbers themselves, and the norm, are not.
    [Theory]
    [MemberData(nameof(WidthsAndLengths))]
    public void RmsNorm_SquaresOutsideFloat32_EqualsReference(int width, int length)
    {
        CheckRmsNorm(width, Array.ConvertAll(Random(length, 1), x => x * 3e38f), epsilon: 1e-5);
        CheckRmsNorm(width, Array.ConvertAll(Random(length, 1), x => x * 5e18f), epsilon: 0);
        CheckRmsNorm(width, Array.ConvertAll(Random(length, 1), x => x * 1e-22f), epsilon: 0);
    }

    private static void CheckRmsNorm(int width, float[] input, double epsilon)
    {
        int length = input.Length;
        float[] weight = Random(length, 1);
        var expected = new float[length];
        RmsNorm.Reference(input, weight, expected, epsilon);
        var output = new float[length];
        fixed (float* x = input, w = weight, y = output)
        {
            switch (width)
            {
                case 512:
                    RmsNorm.Apply<Simd512, Vector512<float>>(x, w, y, length, epsilon);
                    break;
                case 256:
                    RmsNorm.Apply<Simd256, Vector256<float>>(x, w, y, length, epsilon);
                    break;
                default:
                    RmsNorm.Apply<Simd128, Vector128<float>>(x, w, y, length, epsilon);
                    break;
            }
        }

        Assert.InRange(RelativeError.Of(output, expected), 0, 3e-7);
    }

    [Theory]
    [MemberData(nameof(WidthsAndLengths))]
    public void ExponentialSum_EveryWidth_EqualsReference(int width, int length)
    {
        float[] numbers = Random(length, 15);
        float highest = numbers.Max();
        double expected = ExponentialSum.Reference(numbers, highest);
        fixed (float* x = numbers)
        {
            double sum = width switch
            {
                512 => ExponentialSum.Of<Simd512, Vector512<float>>(x, length, highest),
                256 => ExponentialSum.Of<Simd256, Vector256<float>>(x, length, highest),
                _ => ExponentialSum.Of<Simd128, Vector128<float>>(x, length, highest),
            };
            Assert.InRange(sum / expected, 1 - 5e-7, 1 + 5e-7);
        }
    }

    [Theory]
    [MemberData(nameof(WidthsAndLengths))]
    public void GatedActivation_EveryWidth_EqualsReference(int width, int length)
    {
        AssertEqualsReference<Silu>(width, length);
        AssertEqualsReference<GeluTanh>(width, length);
    }

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void GatedActivation_ExtremeGates_NeitherOverflowNorLoseNaN(int width)
    {
        AssertExtremeGates<Silu>(width);
        AssertExtremeGates<GeluTanh>(width);
    }

    [Theory]
    [MemberData(nameof(WidthsAndLengths))]
    public void ScaledAdd_EveryWidth_EqualsReferenceToTheBit(int width, int length)
    {
        float[] x = Random(length, 3);
        float[] y = [.. Random(length + 1, 1).Take(length)];
        float[] expected = [.. x.Zip(y, (a, b) => ScaledAdd.Reference(a, 0.22f, b))];
        fixed (float* px = x, py = y)
        {
            switch (width)
            {
                case 512:
                    ScaledAdd.Apply<Simd512, Vector512<float>>(px, 0.22f, py, length);
                    break;
                case 256:
                    ScaledAdd.Apply<Simd256, Vector256<float>>(px, 0.22f, py, length);
                    break;
                default:
                    ScaledAdd.Apply<Simd128, Vector128<float>>(px, 0.22f, py, length);
                    break;
            }
        }

        Assert.Equal(expected, y);
    }

    [Theory]
    [MemberData(nameof(WidthsAndLengths))]
    public void Rotary_EveryWidth_EqualsReference(int width, int half)
    {
        float[] head = Random(2 * half, 1);
        float[] angles = Random(2 * half, 1);
        float[] expected = new float[2 * half];
        for (int i = 0; i < half; i++)
        {
            (expected[i], expected[half + i]) = Rotary.Reference(head[i], head[half + i], angles[i], angles[half + i]);
        }

        fixed (float* h = head, a = angles)
        {
            switch (width)
            {
                case 512:
                    Rotary.Apply<Simd512, Vector512<float>>(h, a, half);
                    break;
                case 256:
                    Rotary.Apply<Simd256, Vector256<float>>(h, a, half);
                    break;
                default:
                    Rotary.Apply<Simd128, Vector128<float>>(h, a, half);
                    break;
            }
        }

        Assert.InRange(RelativeError.Of(head, expected), 0, 3e-7);
    }

    [Fact]
    public void Exp_WholeRange_IsWithinTwoUnitsInTheLastPlace()
    {
        for (double x = -86.9; x < 87.9; x += 0.00137)
        {
            float argument = (float)x;
            float actual = VectorExp.Exp<Simd256, Vector256<float>>(Vector256.Create(argument))[3];
            double expected = Math.Exp(argument);
            Assert.InRange(Math.Abs(actual - expected), 0, 2 * (MathF.BitIncrement((float)expected) - (float)expected));
        }
    }

    [Fact]
    public void Tanh_WholeRange_IsWithinThreeUnitsInTheLastPlace()
    {
        for (double x = -12; x < 12; x += 0.00037)
        {
            float argument = (float)x;
            float actual = VectorTanh.Tanh<Simd256, Vector256<float>>(Vector256.Create(argument))[3];
            double expected = Math.Tanh(argument);
            Assert.InRange(Math.Abs(actual - expected), 0, 3 * (MathF.BitIncrement((float)Math.Abs(expected)) - (float)Math.Abs(expected)));
        }
    }

    [Theory]
    [InlineData(0f, 0f)]
    [InlineData(1e-30f, 1e-30f)]
    [InlineData(-1e-30f, -1e-30f)]
    [InlineData(1e30f, 1f)]
    [InlineData(-1e30f, -1f)]
    [InlineData(float.PositiveInfinity, 1f)]
    [InlineData(float.NegativeInfinity, -1f)]
    [InlineData(float.NaN, float.NaN)]
    public void Tanh_ExtremeArgument_IsExact(float argument, float expected)
    {
        Assert.Equal(expected, VectorTanh.Tanh<Simd128, Vector128<float>>(Vector128.Create(argument))[0]);
        Assert.Equal(expected, VectorTanh.Tanh<Simd512, Vector512<float>>(Vector512.Create(argument))[7]);
    }

    private static void AssertEqualsReference<TActivation>(int width, int length)
        where TActivation : struct, IGateActivation
    {
        float[] gate = Random(length, 20);
        float[] up = Random(length, 1);
        float[] expected = [.. gate.Zip(up, GatedActivation.Reference<TActivation>)];
        Apply<TActivation>(width, gate, up, gate);
        for (int i = 0; i < length; i++)
        {
            Assert.Equal(expected[i], gate[i], 1e-6 * Math.Max(1, Math.Abs(expected[i])));
        }
    }

    private static void AssertExtremeGates<TActivation>(int width)
        where TActivation : struct, IGateActivation
    {
        float[] gate = [float.NaN, 1e30f, -1e30f, 0, -100, 100, -88, 88, float.PositiveInfinity, -0f, 1e-30f, -1e-30f, 87, -87, 3, -3];
        float[] up = [.. Enumerable.Repeat(1f, gate.Length)];
        float[] output = new float[gate.Length];
        Apply<TActivation>(width, gate, up, output);

        Assert.True(float.IsNaN(output[0]));
        Assert.Equal(1e30f, output[1]);
        Assert.Equal(float.PositiveInfinity, output[8]);
        for (int i = 3; i < gate.Length; i++)
        {
            if (i != 8)
            {
                Assert.Equal(GatedActivation.Reference<TActivation>(gate[i], 1), output[i], 1e-6 * Math.Max(1, Math.Abs(gate[i])));
            }
        }

        // e^88 stands for all that is larger: -1e30 / e^88 is small beside the gates that a model has.
        Assert.InRange(Math.Abs(output[2]), 0, 1e-7);
    }

    private static void Apply<TActivation>(int width, float[] gate, float[] up, float[] output)
        where TActivation : struct, IGateActivation
    {
        fixed (float* g = gate, u = up, y = output)
        {
            switch (width)
            {
                case 512:
                    GatedActivation.Apply<TActivation, Simd512, Vector512<float>>(g, u, y, gate.Length);
                    break;
                case 256:
                    GatedActivation.Apply<TActivation, Simd256, Vector256<float>>(g, u, y, gate.Length);
                    break;
                default:
                    GatedActivation.Apply<TActivation, Simd128, Vector128<float>>(g, u, y, gate.Length);
                    break;
            }
        }
    }

    private static float[] Random(int length, float scale)
    {
        var random = new Random(length);
        return [.. Enumerable.Range(0, length).Select(_ => scale * ((2 * random.NextSingle()) - 1))];
    }
}
