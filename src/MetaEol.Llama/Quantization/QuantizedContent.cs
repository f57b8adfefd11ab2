using System.Buffers.Binary;
using MetaEol.Llama.Kernels;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Quantization;

/// <summary>The bytes of a quantized model's files, computed a piece at a time.</summary>
internal sealed unsafe class QuantizedContent(LlamaWeights weights, int threads)
{
    private const int PieceBytes = 16 << 20;

    /// <summary>A file's bytes behind its header, in order, in pieces that are valid until the next is asked for.</summary>
    /// <exception cref="InvalidModelException">A weight is not finite.</exception>
    public IEnumerable<ReadOnlyMemory<byte>> Pieces(QuantizedShard shard)
    {
        byte[] buffer = new byte[PieceBytes];
        byte[] scales = [];
        foreach (QuantizedTensor tensor in shard.Tensors)
        {
            if (tensor.IsScales)
            {
                yield return scales.AsMemory(0, (int)tensor.Bytes);
            }
            else if (tensor.IsNumbers)
            {
                WeightMatrix matrix = tensor.Source.Projection!.Value;
                int panels = Int8Layout.Panels(matrix.Rows);
                int panelBytes = (int)Int8Layout.PanelBytes(matrix.Columns);
                int panelScaleBytes = (int)Int8Layout.PanelScales(matrix.Columns) * sizeof(float);
                int atOnce = Math.Max(1, PieceBytes / panelBytes);
                buffer = buffer.Length >= Math.Min(panels, atOnce) * panelBytes ? buffer : new byte[panelBytes];
                scales = new byte[panels * panelScaleBytes];
                for (int panel = 0; panel < panels; panel += atOnce)
                {
                    int count = Math.Min(atOnce, panels - panel);
                    Pack(matrix, panel, count, buffer, panelBytes, scales, panelScaleBytes);
                    yield return buffer.AsMemory(0, count * panelBytes);
                }

                CheckScales(tensor, scales);
            }
            else
            {
                for (long offset = 0; offset < tensor.Bytes; offset += PieceBytes)
                {
                    int count = (int)Math.Min(PieceBytes, tensor.Bytes - offset);
                    Copy(tensor.Source, offset, buffer.AsSpan(0, count));
                    yield return buffer.AsMemory(0, count);
                }
            }
        }
    }

    private static void Copy(TensorSource source, long offset, Span<byte> destination) =>
        new ReadOnlySpan<byte>(source.File.GetPointer(source.Tensor) + offset, destination.Length).CopyTo(destination);

    private void Pack(WeightMatrix matrix, int first, int count, byte[] numbers, int panelBytes, byte[] scales, int panelScaleBytes) =>
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, i =>
        {
            fixed (byte* n = numbers, s = scales)
            {
                Int8Packer.PackPanel(matrix, first + i, n + ((nint)i * panelBytes), (float*)(s + ((nint)(first + i) * panelScaleBytes)));
            }
        });

    private void CheckScales(QuantizedTensor tensor, byte[] scales)
    {
        for (int i = 0; i < scales.Length; i += sizeof(float))
        {
            if (!float.IsFinite(BinaryPrimitives.ReadSingleLittleEndian(scales.AsSpan(i))))
            {
                NonFiniteWeight? weight = weights.FindNonFinite();
                throw new InvalidModelException(
                    $"'{tensor.Source.File.Path}': tensor '{tensor.Source.Tensor.Name}' holds weights that are not finite{(weight is null ? "" : $", the first of the model at [{weight.Row}, {weight.Column}] of '{weight.Tensor}'")}; such a model cannot be quantized.");
            }
        }
    }
}
