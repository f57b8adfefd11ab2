using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MetaEol.Llama.Kernels;

/// <summary>8-bit products with AVX-VNNI: 32 products an instruction, unsigned weights times signed inputs.</summary>
internal readonly unsafe struct Int8SimdVnni : IInt8Simd<Vector256<int>, Vector256<float>>
{
    /// <inheritdoc/>
    public static int Step => 4;

    /// <inheritdoc/>
    public static int TileRows => 4;

    /// <inheritdoc/>
    public static int WeightOffset => Int8Layout.Offset;

    /// <inheritdoc/>
    public static nint Stride => Int8Layout.StepBytes;

    /// <inheritdoc/>
    public static byte* Prepare(byte* stored, int steps, byte* scratch) => stored;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Load(byte* source) => Vector256.Load((int*)source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Broadcast(int value) => Vector256.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Products(Vector256<int> weights, Vector256<int> inputs) => default;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Accumulate(Vector256<int> sum, Vector256<int> products, Vector256<int> weights, Vector256<int> inputs) => AvxVnni.MultiplyWideningAndAdd(sum, weights.AsByte(), inputs.AsSByte());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ToSingle(Vector256<int> value) => Vector256.ConvertToSingle(value);
}
