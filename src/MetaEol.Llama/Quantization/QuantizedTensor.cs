using MetaEol.Llama.Kernels;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Quantization;

/// <summary>One tensor of a quantized model: the numbers or the scales of a projection, or a tensor that is taken over as it is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="DataType">Its number type.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Source">What it is made of.</param>
internal sealed record QuantizedTensor(string Name, string DataType, IReadOnlyList<long> Shape, long Bytes, TensorSource Source)
{
    /// <summary>Whether it holds a projection's numbers.</summary>
    public bool IsNumbers => Source.Projection is not null && DataType == "U8";

    /// <summary>Whether it holds a projection's scales.</summary>
    public bool IsScales => Source.Projection is not null && DataType != "U8";

    /// <summary>The tensors that a source becomes.</summary>
    public static IEnumerable<QuantizedTensor> Of(TensorSource source)
    {
        if (source.Projection is not { } matrix)
        {
            yield return new QuantizedTensor(source.Name, source.Tensor.DataType, source.Tensor.Shape, source.Tensor.ByteCount, source);
            yield break;
        }

        int panels = Int8Layout.Panels(matrix.Rows);
        yield return new QuantizedTensor(
            source.Name, "U8", Array.ConvertAll(QuantizedFormat.NumberShape(matrix.Rows, matrix.Columns), size => (long)size), panels * Int8Layout.PanelBytes(matrix.Columns), source);
        yield return new QuantizedTensor(
            source.Name + QuantizedFormat.ScaleSuffix,
            "F32",
            Array.ConvertAll(QuantizedFormat.ScaleShape(matrix.Rows, matrix.Columns), size => (long)size),
            panels * Int8Layout.PanelScales(matrix.Columns) * sizeof(float),
            source);
    }
}
