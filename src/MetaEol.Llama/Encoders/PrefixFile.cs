using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace MetaEol.Llama.Encoders;

/// <summary>A mapped file with the keys and values of one prefix.</summary>
/// <remarks>
/// A header of 128 bytes: magic number; tokens, layers, width of a layer's keys, rotary key (int32); SHA-256 of the encoder's fingerprint, of the keys and values, and of all before with the tokens.
/// Then the tokens (int32), zeros up to a multiple of 64, and the keys and values as <see cref="PrefixKeysValues"/> has them; all little-endian.
/// </remarks>
internal sealed unsafe class PrefixFile : IDisposable
{
    private const int HeaderBytes = 128, Alignment = 64, HashBytes = SHA256.HashSizeInBytes;
    private const int TokensAt = 8, LayersAt = 12, WidthAt = 16, RotaryKeyAt = 20, FingerprintAt = 24, DataHashAt = FingerprintAt + HashBytes, HeaderHashAt = DataHashAt + HashBytes;
    private const int LongestPrefix = 1 << 24;

    private static readonly byte[] Magic = "MetaKV1\n"u8.ToArray();

    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte[] _dataHash;
    private readonly long _dataBytes;

    private PrefixFile(string path, MemoryMappedFile map, int[] tokens, ReadOnlySpan<byte> header, long dataBytes)
    {
        Path = path;
        Tokens = tokens;
        Layers = BinaryPrimitives.ReadInt32LittleEndian(header[LayersAt..]);
        RotaryKey = BinaryPrimitives.ReadInt32LittleEndian(header[RotaryKeyAt..]);
        _dataHash = header.Slice(DataHashAt, HashBytes).ToArray();
        _dataBytes = dataBytes;
        _map = map;
        _view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        Data = (float*)(start + _view.PointerOffset + DataStart(tokens.Length));
    }

    /// <summary>Full path.</summary>
    public string Path { get; }

    /// <summary>The prefix's tokens, from position 0 on.</summary>
    public IReadOnlyList<int> Tokens { get; }

    /// <summary>Number of layers.</summary>
    public int Layers { get; }

    /// <summary>Rotary key of the prompts that it serves.</summary>
    public int RotaryKey { get; }

    /// <summary>The keys and values.</summary>
    public float* Data { get; }

    /// <summary>Whether keys and values are those that were written. Reads all of them.</summary>
    public bool IsIntact => Hash((byte*)Data, _dataBytes).AsSpan().SequenceEqual(_dataHash);

    /// <summary>Opens a file; null if it is not one of this format and encoder, or if all but its keys and values is not as it was written.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static PrefixFile? TryOpen(string path, string fingerprint, int layers, int width)
    {
        // A pipe or a device, which would be waited for, has no length.
        FileInfo file = new(path);
        if ((file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file) is not { Exists: true, Length: >= HeaderBytes })
        {
            return null;
        }

        FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        try
        {
            byte[] header = new byte[HeaderBytes];
            if (stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes
                || !header.AsSpan().StartsWith(Magic)
                || !header.AsSpan(FingerprintAt, HashBytes).SequenceEqual(HashOf(fingerprint))
                || Number(TokensAt) is not (> 0 and <= LongestPrefix) || Number(LayersAt) is < 1 || Number(LayersAt) > layers || Number(WidthAt) != width)
            {
                stream.Dispose();
                return null;
            }

            // Before there is room for what the header only claims.
            long dataBytes = PrefixKeysValues.BytesOf(Number(TokensAt), Number(LayersAt), width);
            if (stream.Length != DataStart(Number(TokensAt)) + dataBytes)
            {
                stream.Dispose();
                return null;
            }

            int[] tokens = new int[Number(TokensAt)];
            if (stream.ReadAtLeast(MemoryMarshal.AsBytes(tokens.AsSpan()), tokens.Length * sizeof(int), throwOnEndOfStream: false) != tokens.Length * sizeof(int)
                || !HeaderHash(header, tokens).AsSpan().SequenceEqual(header.AsSpan(HeaderHashAt, HashBytes)))
            {
                stream.Dispose();
                return null;
            }

            return new PrefixFile(path, MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false), tokens, header, dataBytes);

            int Number(int at) => BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(at));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Writes a file.</summary>
    public static void Write(Stream stream, ReadOnlySpan<int> tokens, int rotaryKey, int layers, int width, string fingerprint, float* data)
    {
        byte[] header = new byte[HeaderBytes];
        long bytes = PrefixKeysValues.BytesOf(tokens.Length, layers, width);
        Magic.CopyTo(header, 0);
        foreach ((int at, int number) in ((int, int)[])[(TokensAt, tokens.Length), (LayersAt, layers), (WidthAt, width), (RotaryKeyAt, rotaryKey)])
        {
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(at), number);
        }

        HashOf(fingerprint).CopyTo(header, FingerprintAt);
        Hash((byte*)data, bytes).CopyTo(header, DataHashAt);
        HeaderHash(header, tokens).CopyTo(header, HeaderHashAt);
        stream.Write(header);
        stream.Write(MemoryMarshal.AsBytes(tokens));
        stream.Write(new byte[DataStart(tokens.Length) - HeaderBytes - (tokens.Length * sizeof(int))]);
        ForPieces((byte*)data, bytes, stream.Write);
    }

    /// <summary>Length of a file.</summary>
    public static long LengthOf(int tokens, int layers, int width) => DataStart(tokens) + PrefixKeysValues.BytesOf(tokens, layers, width);

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _map.Dispose();
    }

    private static long DataStart(int tokens) => (HeaderBytes + (tokens * (long)sizeof(int)) + Alignment - 1) / Alignment * Alignment;

    private static byte[] HashOf(string text) => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text));

    private static byte[] HeaderHash(ReadOnlySpan<byte> header, ReadOnlySpan<int> tokens)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header[..HeaderHashAt]);
        hash.AppendData(MemoryMarshal.AsBytes(tokens));
        return hash.GetHashAndReset();
    }

    private static byte[] Hash(byte* data, long bytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        ForPieces(data, bytes, hash.AppendData);
        return hash.GetHashAndReset();
    }

    private static void ForPieces(byte* data, long bytes, Action<ReadOnlySpan<byte>> body)
    {
        const int Most = 1 << 24;
        for (long at = 0; at < bytes; at += Most)
        {
            body(new ReadOnlySpan<byte>(data + at, (int)Math.Min(Most, bytes - at)));
        }
    }
}
