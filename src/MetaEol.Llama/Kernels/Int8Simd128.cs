using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MetaEol.Llama.Kernels;

/// <summary>8-bit products on any machine: pairs of 16-bit numbers.</summary>
internal readonly unsafe struct Int8Simd128 : IInt8Simd<Vector128<int>, Vector128<float>>
{
    /// <inheritdoc/>
    public static int Step => 2;

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
        // Of every four numbers, the first two make one pair and the last two that of the next step.
        for (nint step = 0; step < steps; step++)
        {
            byte* target = scratch + (2 * step * Stride);
            for (nint i = 0; i < Stride; i += 16)
            {
                Vector128<short> numbers = (Vector128.Load(stored + (step * Int8Layout.StepBytes) + i) ^ Vector128.Create((byte)Int8Layout.Offset)).AsInt16();
                Vector128<int> even = ((numbers << 8) >> 8).AsInt32();
                Vector128<int> odd = (numbers >> 8).AsInt32();
                ((even & Vector128.Create(0xFFFF)) | (odd << 16)).Store((int*)(target + i));
                ((even >>> 16) | (odd & Vector128.Create(unchecked((int)0xFFFF_0000)))).Store((int*)(target + Stride + i));
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
    public static Vector128<int> Products(Vector128<int> weights, Vector128<int> inputs)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.MultiplyAddAdjacent(weights.AsInt16(), inputs.AsInt16());
        }

        // The two numbers of a pair, brought to the full lane with their signs.
        return (((weights << 16) >> 16) * ((inputs << 16) >> 16)) + ((weights >> 16) * (inputs >> 16));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Accumulate(Vector128<int> sum, Vector128<int> products, Vector128<int> weights, Vector128<int> inputs) => sum + products;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ToSingle(Vector128<int> value) => Vector128.ConvertToSingle(value);
}
