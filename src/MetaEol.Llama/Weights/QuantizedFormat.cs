using MetaEol.Llama.Kernels;

namespace MetaEol.Llama.Weights;

/// <summary>How a safetensors file holds 8-bit weights: the numbers under the projection's name, their scales under that name with a suffix; docs/models.md describes it.</summary>
internal static class QuantizedFormat
{
    /// <summary>Key of the file's metadata that says which format its 8-bit weights have.</summary>
    public const string MetadataKey = "metaeol.int8";

    /// <summary>The format that is written and read: that of <see cref="Int8Layout"/>.</summary>
    public const string Version = "1";

    /// <summary>What the name of a projection's scales ends with.</summary>
    public const string ScaleSuffix = "_scale";

    /// <summary>Shape of the numbers (U8).</summary>
    public static int[] NumberShape(int rows, int columns) => [Int8Layout.Panels(rows), Int8Layout.PaddedColumns(columns) / Int8Layout.Step, Int8Layout.Width, Int8Layout.Step];

    /// <summary>Shape of the scales (F32).</summary>
    public static int[] ScaleShape(int rows, int columns) => [Int8Layout.Panels(rows), Int8Layout.Blocks(columns), Int8Layout.Width];
}
