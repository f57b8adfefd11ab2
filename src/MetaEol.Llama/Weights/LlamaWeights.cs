using MetaEol.Llama.Configuration;

namespace MetaEol.Llama.Weights;

/// <summary>A model's weights: memory-mapped safetensors files, checked against the configuration.</summary>
public sealed class LlamaWeights : IDisposable
{
    internal LlamaWeights(WeightMatrix tokenEmbedding, IReadOnlyList<LayerWeights> layers, float[] finalNorm, WeightMatrix? outputHead)
    {
        TokenEmbedding = tokenEmbedding;
        Layers = layers;
        FinalNorm = finalNorm;
        OutputHead = outputHead;
    }

    /// <summary><c>embed_tokens.weight</c>, <c>[vocabulary × hidden]</c>.</summary>
    public WeightMatrix TokenEmbedding { get; }

    /// <summary>The decoder layers, in order.</summary>
    public IReadOnlyList<LayerWeights> Layers { get; }

    /// <summary><c>norm.weight</c>, <c>[hidden]</c>.</summary>
    public float[] FinalNorm { get; }

    /// <summary><c>lm_head.weight</c>, <c>[vocabulary × hidden]</c>; the token embedding where it is tied; null where the files hold none.</summary>
    public WeightMatrix? OutputHead { get; }

    /// <summary>Opens and checks the weights of a model folder.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="config">The configuration that names and shapes are checked against.</param>
    /// <exception cref="InvalidModelException">A file or tensor is missing, damaged or of the wrong shape or type.</exception>
    public static LlamaWeights Load(string folder, LlamaConfig config) => throw new NotImplementedException();

    /// <summary>Keeps the files mapped until the lease is disposed, even if the weights are disposed meanwhile.</summary>
    /// <exception cref="ObjectDisposedException">The weights are disposed.</exception>
    public IDisposable Lease() => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
