using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace MetaEol.Llama.Tokenization;

/// <summary>Hashes of the tables below, seeded per process: a vocabulary is untrusted, so its collisions must not be foreseeable.</summary>
internal static class TokenHash
{
    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;

    // Seeded by the system, like the hashes of strings; the cryptographic generator would load a native library at start.
    private static readonly ulong Seed = (ulong)Random.Shared.NextInt64() | 1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        ulong hash = Seed + (ulong)bytes.Length;
        while (bytes.Length >= 8)
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        ulong tail = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            tail |= (ulong)bytes[i] << (8 * i);
        }

        hash = Mix(hash ^ tail);
        return (uint)(hash ^ (hash >> 32));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Of(ulong key)
    {
        ulong hash = Mix(key ^ Seed);
        return (uint)(hash ^ (hash >> 32));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong value)
    {
        ulong high = Math.BigMul(value, Multiplier ^ Seed, out ulong low);
        return high ^ low;
    }
}
