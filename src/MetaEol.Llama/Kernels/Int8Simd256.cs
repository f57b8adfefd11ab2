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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static byte* Prepare(byte* stored, nint count, byte* scratch)
    {
        for (nint i = 0; i < count; i += 16)
        {
            Avx2.ConvertToVector256Int16(Vector128.Load((sbyte*)(stored + i))).Store((short*)(scratch + (2 * i)));
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
