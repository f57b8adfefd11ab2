using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace MetaEol.Extensions.Loading;

/// <summary>Tells model folders apart by content, in time that does not grow with the weights.</summary>
internal static class ModelFingerprint
{
    private const int SampleBytes = 4096;
    private const int SamplesPerFile = 64;

    private static readonly string[] WholeFiles = ["config.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json"];

    /// <summary>
    /// SHA-256 over the configuration and tokenizer files, and over name, length and 64 evenly spread samples of every safetensors file; 32 hexadecimal digits.
    /// Training changes nearly every weight, so samples find it.
    /// </summary>
    public static string Compute(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in WholeFiles)
        {
            string path = Path.Combine(folder, name);
            if (File.Exists(path))
            {
                using FileStream stream = File.OpenRead(path);
                AppendName(hash, name, stream.Length);
                hash.AppendData(SHA256.HashData(stream));
            }
        }

        byte[] buffer = new byte[SampleBytes];
        foreach (string path in Directory.GetFiles(folder, "*.safetensors").Order(StringComparer.Ordinal))
        {
            using FileStream stream = File.OpenRead(path);
            AppendName(hash, Path.GetFileName(path), stream.Length);
            long last = Math.Max(0, stream.Length - SampleBytes);
            for (int i = 0; i < SamplesPerFile; i++)
            {
                stream.Position = (long)((double)last * i / (SamplesPerFile - 1));
                int read = stream.ReadAtLeast(buffer, SampleBytes, throwOnEndOfStream: false);
                hash.AppendData(buffer, 0, read);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    private static void AppendName(IncrementalHash hash, string name, long length)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, length);
        hash.AppendData(Encoding.UTF8.GetBytes(name));
        hash.AppendData(number);
    }
}
