using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Filtering;

/// <summary>A <see cref="SpectralBasis"/> as a safetensors file: <c>singular_values</c> (F64), <c>basis</c> (F32), and in the metadata which model it is of and a checksum.</summary>
internal static unsafe class BasisFile
{
    private const string Format = "metaeol-spectral-basis-1";
    private const string ValuesName = "singular_values", VectorsName = "basis";

    /// <summary>Writes a file beside its place, and moves it there when it is whole and on disk.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string path, string fingerprint, SpectralBasis basis)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string part = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            using (FileStream stream = new(part, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                ReadOnlySpan<byte> values = MemoryMarshal.AsBytes<double>((double[])basis.SingularValues), vectors = MemoryMarshal.AsBytes(basis.Vectors);
                byte[] header = Header(fingerprint, basis, values, vectors);
                Span<byte> length = stackalloc byte[sizeof(ulong)];
                BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
                stream.Write(length);
                stream.Write(header);
                stream.Write(values);
                stream.Write(vectors);
                stream.Flush(flushToDisk: true);
            }

            File.Move(part, path, overwrite: true);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }

    /// <summary>Reads a file.</summary>
    /// <returns>The basis; null if the file is missing, damaged, or another model's.</returns>
    public static SpectralBasis? TryRead(string path, string fingerprint)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using SafetensorsFile file = SafetensorsFile.Open(path);
            if (file.Metadata.GetValueOrDefault("format") != Format || file.Metadata.GetValueOrDefault("model") != fingerprint
                || !file.Tensors.TryGetValue(ValuesName, out TensorInfo? values) || values is not { DataType: "F64", Shape: [> 0 and var count] }
                || !file.Tensors.TryGetValue(VectorsName, out TensorInfo? vectors) || vectors is not { DataType: "F32", Shape: [var rows, > 0] } || rows != count)
            {
                return null;
            }

            ReadOnlySpan<byte> valueBytes = Bytes(file, values), vectorBytes = Bytes(file, vectors);
            return file.Metadata.GetValueOrDefault("checksum") == Checksum(valueBytes, vectorBytes)
                ? new SpectralBasis(MemoryMarshal.Cast<byte, double>(valueBytes).ToArray(), MemoryMarshal.Cast<byte, float>(vectorBytes).ToArray())
                : null;
        }
        catch (Exception exception) when (exception is InvalidModelException or OverflowException)
        {
            return null;
        }
    }

    private static ReadOnlySpan<byte> Bytes(SafetensorsFile file, TensorInfo tensor) => new(file.GetPointer(tensor), checked((int)tensor.ByteCount));

    private static byte[] Header(string fingerprint, SpectralBasis basis, ReadOnlySpan<byte> values, ReadOnlySpan<byte> vectors)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString("format", Format);
            json.WriteString("model", fingerprint);
            json.WriteString("checksum", Checksum(values, vectors));
            json.WriteEndObject();
            WriteTensor(json, ValuesName, "F64", [basis.SingularValues.Count], 0, values.Length);
            WriteTensor(json, VectorsName, "F32", [basis.SingularValues.Count, basis.InputDimensions], values.Length, vectors.Length);
            json.WriteEndObject();
        }

        // The format's writers align the data to eight bytes.
        while (stream.Length % sizeof(double) != 0)
        {
            stream.WriteByte((byte)' ');
        }

        return stream.ToArray();
    }

    private static void WriteTensor(Utf8JsonWriter json, string name, string type, int[] shape, long offset, long bytes)
    {
        json.WriteStartObject(name);
        json.WriteString("dtype", type);
        json.WriteStartArray("shape");
        foreach (int size in shape)
        {
            json.WriteNumberValue(size);
        }

        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(offset + bytes);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Finds damage, not malice, at the speed of memory: four lanes of a multiplying hash, each of which any change of a number changes.</summary>
    private static string Checksum(ReadOnlySpan<byte> values, ReadOnlySpan<byte> vectors)
    {
        ulong hash = Append(Append(14695981039346656037, values), vectors);
        return hash.ToString("x16", CultureInfo.InvariantCulture);
    }

    private static ulong Append(ulong seed, ReadOnlySpan<byte> bytes)
    {
        const ulong Factor = 0x9E3779B97F4A7C15;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        ulong a = seed, b = seed + 1, c = seed + 2, d = seed + 3;
        int i = 0;
        for (; i <= words.Length - 4; i += 4)
        {
            a = (ulong.RotateLeft(a, 29) ^ words[i]) * Factor;
            b = (ulong.RotateLeft(b, 29) ^ words[i + 1]) * Factor;
            c = (ulong.RotateLeft(c, 29) ^ words[i + 2]) * Factor;
            d = (ulong.RotateLeft(d, 29) ^ words[i + 3]) * Factor;
        }

        foreach (byte rest in bytes[(i * sizeof(ulong))..])
        {
            a = (ulong.RotateLeft(a, 29) ^ rest) * Factor;
        }

        ulong hash = a;
        foreach (ulong lane in (ReadOnlySpan<ulong>)[b, c, d, (ulong)bytes.Length])
        {
            hash = (ulong.RotateLeft(hash, 29) ^ lane) * Factor;
        }

        return hash;
    }
}
