using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace MetaEol.Llama.Kernels;

/// <summary>8-bit products with the dot product of Arm v8.2: 16 products an instruction.</summary>
internal readonly unsafe struct Int8SimdArmDot : IInt8Simd<Vector128<int>, Vector128<float>>
{
    /// <inheritdoc/>
    public static int Step => 4;

    /// <inheritdoc/>
    public static int TileRows => 6;

    /// <inheritdoc/>
    public static int WeightOffset => 0;

    /// <inheritdoc/>
    public static nint Stride => 3 * 16;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static byte* Prepare(byte* stored, int steps, byte* scratch)
    {
        for (nint step = 0; step < steps; step++)
        {
            for (nint i = 0; i < Stride; i += 16)
            {
                (Vector128.Load(stored + (step * Int8Layout.StepBytes) + i) ^ Vector128.Create((byte)Int8Layout.Offset)).Store(scratch + (step * Stride) + i);
            }
        }

        return scratch;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Load(byte* source) => Vector128.Load((int*)source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Broadcast(int value) => Vector128.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Products(Vector128<int> weights, Vector128<int> inputs) => default;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Accumulate(Vector128<int> sum, Vector128<int> products, Vector128<int> weights, Vector128<int> inputs) => Dp.DotProduct(sum, weights.AsSByte(), inputs.AsSByte());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ToSingle(Vector128<int> value) => Vector128.ConvertToSingle(value);
}
