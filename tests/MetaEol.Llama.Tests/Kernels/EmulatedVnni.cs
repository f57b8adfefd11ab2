using System.Runtime.Intrinsics;
using MetaEol.Llama.Kernels;

namespace MetaEol.Llama.Tests.Kernels;

/// <summary>The unsigned-by-signed dot product of AVX-VNNI in plain code, so that its storage and its correction are tested on machines without it.</summary>
internal readonly unsafe struct EmulatedVnni : IInt8Simd<Vector256<int>, Vector256<float>>
{
    public static int Step => Int8SimdVnni.Step;

    public static int TileRows => Int8SimdVnni.TileRows;

    public static int WeightOffset => Int8SimdVnni.WeightOffset;

    public static nint Stride => Int8SimdVnni.Stride;

    public static byte* Prepare(byte* stored, int steps, byte* scratch) => Int8SimdVnni.Prepare(stored, steps, scratch);

    public static Vector256<int> Load(byte* source) => Int8SimdVnni.Load(source);

    public static Vector256<int> Broadcast(int value) => Int8SimdVnni.Broadcast(value);

    public static Vector256<int> Products(Vector256<int> weights, Vector256<int> inputs) => Int8SimdVnni.Products(weights, inputs);

    public static Vector256<int> Accumulate(Vector256<int> sum, Vector256<int> products, Vector256<int> weights, Vector256<int> inputs)
    {
        for (int i = 0; i < 32; i++)
        {
            sum = sum.WithElement(i / 4, sum[i / 4] + (weights.AsByte()[i] * inputs.AsSByte()[i]));
        }

        return sum;
    }

    public static Vector256<float> ToSingle(Vector256<int> value) => Int8SimdVnni.ToSingle(value);
}
