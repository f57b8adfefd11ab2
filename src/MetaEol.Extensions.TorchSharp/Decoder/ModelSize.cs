using MetaEol.Llama.Weights;

namespace MetaEol.Extensions.TorchSharp.Decoder;

/// <summary>How much memory a model's matrices take on the devices.</summary>
internal static class ModelSize
{
    /// <summary>Bytes of the token embedding as stored and of the layers' matrices with elements of a size.</summary>
    public static long Bytes(LlamaWeights weights, int elementSize)
    {
        long elements = 0;
        foreach (LayerWeights layer in weights.Layers)
        {
            foreach (WeightMatrix matrix in (WeightMatrix[])[layer.Query, layer.Key, layer.Value, layer.AttentionOutput, layer.Gate, layer.Up, layer.Down])
            {
                elements += (long)matrix.Rows * matrix.Columns;
            }
        }

        return weights.TokenEmbedding.ByteCount + (elements * elementSize);
    }
}
