using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MetaEol.Llama.Kernels;

/// <summary>8-bit products with AVX2: pairs of 16-bit numbers.</summary>
internal readonly unsafe struct Int8Simd256 : IInt8Simd<Vector256<int>, Vector256<float>>
{
    /// <inheritdoc/>
    public static int Step => 2;

    /// <inheritdoc/>
    public static int TileRows => 4;

    /// <inheritdoc/>
    public static int WeightOffset => 0;

    /// <inheritdoc/>
    public static nint Stride => 3 * 32;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static byte* Prepare(byte* stored, int steps, byte* scratch)
    {
        // Of every four numbers, the first two make one pair and the last two that of the next step.
        for (nint step = 0; step < steps; step++)
        {
            byte* target = scratch + (2 * step * Stride);
            for (nint i = 0; i < Stride; i += 32)
            {
                Vector256<short> numbers = (Vector256.Load(stored + (step * Int8Layout.StepBytes) + i) ^ Vector256.Create((byte)Int8Layout.Offset)).AsInt16();
                Vector256<int> even = ((numbers << 8) >> 8).AsInt32();
                Vector256<int> odd = (numbers >> 8).AsInt32();
                ((even & Vector256.Create(0xFFFF)) | (odd << 16)).Store((int*)(target + i));
                ((even >>> 16) | (odd & Vector256.Create(unchecked((int)0xFFFF_0000)))).Store((int*)(target + Stride + i));
            }
        }

        return scratch;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Load(byte* source) => Vector256.Load((int*)source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Broadcast(int value) => Vector256.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Products(Vector256<int> weights, Vector256<int> inputs) => Avx2.MultiplyAddAdjacent(weights.AsInt16(), inputs.AsInt16());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Accumulate(Vector256<int> sum, Vector256<int> products, Vector256<int> weights, Vector256<int> inputs) => sum + products;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ToSingle(Vector256<int> value) => Vector256.ConvertToSingle(value);
}
