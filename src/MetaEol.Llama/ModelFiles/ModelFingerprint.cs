using System.Text.Json;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.ModelFiles;

/// <summary>Tells models apart by content, in time that does not grow with the weights.</summary>
internal static unsafe class ModelFingerprint
{
    private const int SampleBytes = 4096;
    private const int SamplesPerFile = 64;
    private const int TensorSampleBytes = 1024;

    /// <summary>
    /// SHA-256 over the configuration, and for every file over names, number types and shapes of its tensors, the middle of each tensor, and 64 evenly spread samples
    /// of the whole; 32 hexadecimal digits. Training changes nearly every number of a tensor, so samples find it. Where a file lies and how it is called does not count.
    /// </summary>
    /// <param name="config">The configuration.</param>
    /// <param name="files">The files, mapped for as long as this takes.</param>
    public static string Compute(LlamaConfig config, IReadOnlyList<SafetensorsFile> files)
    {
        using ContentHash hash = new();
        hash.Append(JsonSerializer.SerializeToUtf8Bytes(config, ConfigJsonContext.Default.LlamaConfig));
        foreach (SafetensorsFile file in files)
        {
            Append(hash, file);
        }

        return hash.Finish();
    }

    private static void Append(ContentHash hash, SafetensorsFile file)
    {
        TensorInfo[] tensors = [.. file.Tensors.Values.OrderBy(tensor => tensor.Offset).ThenBy(tensor => tensor.Name, StringComparer.Ordinal)];
        hash.Append(tensors.Length);
        foreach (TensorInfo tensor in tensors)
        {
            hash.Append(tensor.Name);
            hash.Append(tensor.DataType);
            hash.Append(string.Join(',', tensor.Shape));
            int length = (int)Math.Min(tensor.ByteCount, TensorSampleBytes);
            hash.Append(new ReadOnlySpan<byte>(file.GetPointer(tensor) + ((tensor.ByteCount - length) / 2), length));
        }

        // Tensors lie one behind another, so that their bytes are those of the file from the first one on.
        long bytes = tensors.Sum(tensor => tensor.ByteCount);
        byte* start = tensors.Length == 0 ? null : file.GetPointer(tensors[0]);
        int sample = (int)Math.Min(bytes, SampleBytes);
        for (int i = 0; i < SamplesPerFile; i++)
        {
            hash.Append(new ReadOnlySpan<byte>(start + (long)((double)(bytes - sample) * i / (SamplesPerFile - 1)), sample));
        }
    }
}
