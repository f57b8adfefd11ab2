using System.Runtime.Intrinsics;
using MetaEol.Llama.Kernels;

namespace MetaEol.Llama.Tests.Kernels;

/// <summary>The signed dot product of Arm v8.2 in plain code, so that its storage is tested on machines without it.</summary>
internal readonly unsafe struct EmulatedArmDot : IInt8Simd<Vector128<int>, Vector128<float>>
{
    public static int Step => Int8SimdArmDot.Step;

    public static int TileRows => Int8SimdArmDot.TileRows;

    public static int WeightOffset => Int8SimdArmDot.WeightOffset;

    public static nint Stride => Int8SimdArmDot.Stride;

    public static byte* Prepare(byte* stored, int steps, byte* scratch) => Int8SimdArmDot.Prepare(stored, steps, scratch);

    public static Vector128<int> Load(byte* source) => Int8SimdArmDot.Load(source);

    public static Vector128<int> Broadcast(int value) => Int8SimdArmDot.Broadcast(value);

    public static Vector128<int> Products(Vector128<int> weights, Vector128<int> inputs) => Int8SimdArmDot.Products(weights, inputs);

    public static Vector128<int> Accumulate(Vector128<int> sum, Vector128<int> products, Vector128<int> weights, Vector128<int> inputs)
    {
        for (int i = 0; i < 16; i++)
        {
            sum = sum.WithElement(i / 4, sum[i / 4] + (weights.AsSByte()[i] * inputs.AsSByte()[i]));
        }

        return sum;
    }

    public static Vector128<float> ToSingle(Vector128<int> value) => Int8SimdArmDot.ToSingle(value);
}
