using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Quantization;

/// <summary>One safetensors file of a quantized model: which tensors it holds, in the order of their bytes, and its header.</summary>
internal sealed class QuantizedShard
{
    // Where the bytes begin, and, as long as they can, every tensor: the numbers of a cache line.
    private const int Alignment = 64;

    /// <param name="name">Name of the file.</param>
    /// <param name="tensors">The tensors.</param>
    public QuantizedShard(string name, IEnumerable<QuantizedTensor> tensors)
    {
        Name = name;

        // Numbers and scales have whole cache lines; what is taken over may not.
        Tensors = [.. tensors.OrderBy(tensor => tensor.Source.Projection is null)];
        Header = SafetensorsHeaderWriter.Create(
            [("format", "pt"), (QuantizedFormat.MetadataKey, QuantizedFormat.Version)], Tensors.Select(tensor => (tensor.Name, tensor.DataType, tensor.Shape, tensor.Bytes)), Alignment);
        Length = Header.Length + Tensors.Sum(tensor => tensor.Bytes);
    }

    /// <summary>Name of the file.</summary>
    public string Name { get; }

    /// <summary>The tensors in the order of their bytes; a projection's scales directly behind its numbers.</summary>
    public IReadOnlyList<QuantizedTensor> Tensors { get; }

    /// <summary>What the file begins with: the length of the JSON, and the JSON.</summary>
    public byte[] Header { get; }

    /// <summary>Length of the file.</summary>
    public long Length { get; }

    /// <summary>Divides a model's tensors among files, a projection's numbers and scales always into the same.</summary>
    public static IReadOnlyList<QuantizedShard> Divide(IEnumerable<TensorSource> sources, long shardBytes)
    {
        List<List<QuantizedTensor>> shards = [[]];
        long bytes = 0;
        foreach (QuantizedTensor[] tensors in sources.Select(source => QuantizedTensor.Of(source).ToArray()))
        {
            long length = tensors.Sum(tensor => tensor.Bytes);
            if (bytes > 0 && length > shardBytes - bytes)
            {
                shards.Add([]);
                bytes = 0;
            }

            shards[^1].AddRange(tensors);
            bytes += length;
        }

        return [.. shards.Select((tensors, index) => new QuantizedShard(
            shards.Count == 1 ? ModelFiles.ModelFolder.WeightsName : $"model-{index + 1:D5}-of-{shards.Count:D5}.safetensors", tensors))];
    }

    /// <summary>Whether a file is this one, as its length and its header tell. Files get their name when they are complete.</summary>
    public bool IsComplete(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        using FileStream stream = new(path, FileMode.Open, FileAccess.Read);
        byte[] header = new byte[Header.Length];
        return stream.Length == Length && stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length && header.AsSpan().SequenceEqual(Header);
    }
}
