using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MetaEol.Llama.Kernels;

/// <summary>Float32 vectors of 512 bits.</summary>
internal readonly unsafe struct Simd512 : ISimd<Vector512<float>>
{
    /// <inheritdoc/>
    public static int Lanes => 16;

    /// <inheritdoc/>
    public static int TileRows => 8;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, float* destination) => value.Store(destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> left, Vector512<float> right) => left + right;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> left, Vector512<float> right, Vector512<float> addend) => Vector512.FusedMultiplyAdd(left, right, addend);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LowerBFloat16(Vector512<float> pairs) => (pairs.AsUInt32() << 16).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> UpperBFloat16(Vector512<float> pairs) => (pairs.AsUInt32() & Vector512.Create(0xFFFF0000u)).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LowerFloat16(Vector512<float> pairs) => UpperFloat16((pairs.AsUInt32() << 16).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> UpperFloat16(Vector512<float> pairs)
    {
        // Moved into place, the exponent is 112 too small; multiplying by 2^112 corrects it, for subnormals too. Infinity and NaN then need the full exponent.
        Vector512<uint> bits = pairs.AsUInt32();
        Vector512<uint> magnitude = (bits & Vector512.Create(0x7FFF0000u)) >>> 3;
        Vector512<uint> special = Vector512.GreaterThanOrEqual(magnitude.AsInt32(), Vector512.Create(0x0F800000)).AsUInt32() & Vector512.Create(0x7F800000u);
        Vector512<uint> value = (magnitude.AsSingle() * Vector512.Create(5.192296858534828E+33f)).AsUInt32();
        return (value | special | (bits & Vector512.Create(0x80000000u))).AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose(byte* source, nint sourceStride, float* destination, nint destinationStride)
    {
        // First 4 x 4 inside each 128-bit lane, then the lanes themselves: 64 shuffles for 256 numbers.
        Quad(source + (0 * sourceStride), sourceStride, out Vector512<float> q00, out Vector512<float> q01, out Vector512<float> q02, out Vector512<float> q03);
        Quad(source + (4 * sourceStride), sourceStride, out Vector512<float> q10, out Vector512<float> q11, out Vector512<float> q12, out Vector512<float> q13);
        Quad(source + (8 * sourceStride), sourceStride, out Vector512<float> q20, out Vector512<float> q21, out Vector512<float> q22, out Vector512<float> q23);
        Quad(source + (12 * sourceStride), sourceStride, out Vector512<float> q30, out Vector512<float> q31, out Vector512<float> q32, out Vector512<float> q33);
        Lanes4(q00, q10, q20, q30, destination + (0 * destinationStride), 4 * destinationStride);
        Lanes4(q01, q11, q21, q31, destination + (1 * destinationStride), 4 * destinationStride);
        Lanes4(q02, q12, q22, q32, destination + (2 * destinationStride), 4 * destinationStride);
        Lanes4(q03, q13, q23, q33, destination + (3 * destinationStride), 4 * destinationStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quad(byte* source, nint stride, out Vector512<float> column0, out Vector512<float> column1, out Vector512<float> column2, out Vector512<float> column3)
    {
        Vector512<float> row0 = Vector512.Load((float*)source);
        Vector512<float> row1 = Vector512.Load((float*)(source + stride));
        Vector512<float> row2 = Vector512.Load((float*)(source + (2 * stride)));
        Vector512<float> row3 = Vector512.Load((float*)(source + (3 * stride)));
        Vector512<double> low01 = Avx512F.UnpackLow(row0, row1).AsDouble();
        Vector512<double> high01 = Avx512F.UnpackHigh(row0, row1).AsDouble();
        Vector512<double> low23 = Avx512F.UnpackLow(row2, row3).AsDouble();
        Vector512<double> high23 = Avx512F.UnpackHigh(row2, row3).AsDouble();
        column0 = Avx512F.UnpackLow(low01, low23).AsSingle();
        column1 = Avx512F.UnpackHigh(low01, low23).AsSingle();
        column2 = Avx512F.UnpackLow(high01, high23).AsSingle();
        column3 = Avx512F.UnpackHigh(high01, high23).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Lanes4(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* destination, nint stride)
    {
        Vector512<float> ab02 = Avx512F.Shuffle4x128(a, b, 0b10_00_10_00);
        Vector512<float> ab13 = Avx512F.Shuffle4x128(a, b, 0b11_01_11_01);
        Vector512<float> cd02 = Avx512F.Shuffle4x128(c, d, 0b10_00_10_00);
        Vector512<float> cd13 = Avx512F.Shuffle4x128(c, d, 0b11_01_11_01);
        Avx512F.Shuffle4x128(ab02, cd02, 0b10_00_10_00).Store(destination);
        Avx512F.Shuffle4x128(ab13, cd13, 0b10_00_10_00).Store(destination + stride);
        Avx512F.Shuffle4x128(ab02, cd02, 0b11_01_11_01).Store(destination + (2 * stride));
        Avx512F.Shuffle4x128(ab13, cd13, 0b11_01_11_01).Store(destination + (3 * stride));
    }
}
