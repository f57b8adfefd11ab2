using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace MetaEol.Llama.Kernels;

/// <summary>Float32 vectors of 128 bits.</summary>
internal readonly unsafe partial struct Simd128 : IPackingSimd<Vector128<float>>
{
    /// <inheritdoc/>
    public static int Lanes => 4;

    /// <inheritdoc/>
    public static int TileRows => 8;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(float* source) => Vector128.Load(source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<float> value, float* destination) => value.Store(destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Broadcast(float value) => Vector128.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> left, Vector128<float> right) => left + right;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Multiply(Vector128<float> left, Vector128<float> right) => left * right;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> left, Vector128<float> right, Vector128<float> addend) => Vector128.FusedMultiplyAdd(left, right, addend);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LowerBFloat16(Vector128<float> pairs) => (pairs.AsUInt32() << 16).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> UpperBFloat16(Vector128<float> pairs) => (pairs.AsUInt32() & Vector128.Create(0xFFFF0000u)).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LowerFloat16(Vector128<float> pairs) => UpperFloat16((pairs.AsUInt32() << 16).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> UpperFloat16(Vector128<float> pairs)
    {
        // Moved into place, the exponent is 112 too small; multiplying by 2^112 corrects it, for subnormals too. Infinity and NaN then need the full exponent.
        Vector128<uint> bits = pairs.AsUInt32();
        Vector128<uint> magnitude = (bits & Vector128.Create(0x7FFF0000u)) >>> 3;
        Vector128<uint> special = Vector128.GreaterThanOrEqual(magnitude.AsInt32(), Vector128.Create(0x0F800000)).AsUInt32() & Vector128.Create(0x7F800000u);
        Vector128<uint> value = (magnitude.AsSingle() * Vector128.Create(5.192296858534828E+33f)).AsUInt32();
        return (value | special | (bits & Vector128.Create(0x80000000u))).AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch1(address);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose(byte* source, nint sourceStride, float* destination, nint destinationStride)
    {
        Vector128<uint> row0 = Vector128.Load((uint*)source);
        Vector128<uint> row1 = Vector128.Load((uint*)(source + sourceStride));
        Vector128<uint> row2 = Vector128.Load((uint*)(source + (2 * sourceStride)));
        Vector128<uint> row3 = Vector128.Load((uint*)(source + (3 * sourceStride)));
        Vector128<ulong> low01 = InterleaveLow(row0, row1);
        Vector128<ulong> high01 = InterleaveHigh(row0, row1);
        Vector128<ulong> low23 = InterleaveLow(row2, row3);
        Vector128<ulong> high23 = InterleaveHigh(row2, row3);
        Vector128.Create(low01.GetLower(), low23.GetLower()).AsSingle().Store(destination);
        Vector128.Create(low01.GetUpper(), low23.GetUpper()).AsSingle().Store(destination + destinationStride);
        Vector128.Create(high01.GetLower(), high23.GetLower()).AsSingle().Store(destination + (2 * destinationStride));
        Vector128.Create(high01.GetUpper(), high23.GetUpper()).AsSingle().Store(destination + (3 * destinationStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> InterleaveLow(Vector128<uint> a, Vector128<uint> b)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.UnpackLow(a, b).AsUInt64();
        }

        return AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b).AsUInt64() : Vector128.Create(a[0], b[0], a[1], b[1]).AsUInt64();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> InterleaveHigh(Vector128<uint> a, Vector128<uint> b)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.UnpackHigh(a, b).AsUInt64();
        }

        return AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b).AsUInt64() : Vector128.Create(a[2], b[2], a[3], b[3]).AsUInt64();
    }
}
