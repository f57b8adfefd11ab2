using System.Globalization;
using System.Runtime.InteropServices;
using MetaEol.Llama.ModelFiles;
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
            CompleteFile.Write(path, part, stream =>
            {
                ReadOnlySpan<byte> values = MemoryMarshal.AsBytes<double>((double[])basis.SingularValues), vectors = MemoryMarshal.AsBytes(basis.Vectors);
                stream.Write(Header(fingerprint, basis, values, vectors));
                stream.Write(values);
                stream.Write(vectors);
            });
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

    private static byte[] Header(string fingerprint, SpectralBasis basis, ReadOnlySpan<byte> values, ReadOnlySpan<byte> vectors) => SafetensorsHeaderWriter.Create(
        [("format", Format), ("model", fingerprint), ("checksum", Checksum(values, vectors))],
        [(ValuesName, "F64", [basis.SingularValues.Count], values.Length), (VectorsName, "F32", [basis.SingularValues.Count, basis.InputDimensions], vectors.Length)],
        sizeof(double));

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
