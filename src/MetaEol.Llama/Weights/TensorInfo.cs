namespace MetaEol.Llama.Weights;

/// <summary>One tensor of a safetensors file, as its header describes it; checked to lie inside the file.</summary>
public sealed class TensorInfo
{
    internal TensorInfo(string name, string dataType, IReadOnlyList<long> shape, long offset, long byteCount)
    {
        Name = name;
        DataType = dataType;
        Shape = shape;
        Offset = offset;
        ByteCount = byteCount;
    }

    /// <summary>The name, as the file has it.</summary>
    public string Name { get; }

    /// <summary>The number type as the file has it (<c>dtype</c>), for example <c>BF16</c>; not only those that <see cref="WeightType"/> knows.</summary>
    public string DataType { get; }

    /// <summary>The sizes, outermost first; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Position of the first byte, from the beginning of the file.</summary>
    public long Offset { get; }

    /// <summary>Number of bytes.</summary>
    public long ByteCount { get; }
}
