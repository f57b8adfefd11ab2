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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static byte* Prepare(byte* stored, nint count, byte* scratch)
    {
        for (nint i = 0; i < count; i += 16)
        {
            (Vector128<short> lower, Vector128<short> upper) = Vector128.Widen(Vector128.Load((sbyte*)(stored + i)));
            lower.Store((short*)(scratch + (2 * i)));
            upper.Store((short*)(scratch + (2 * i) + 16));
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
