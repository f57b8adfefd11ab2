using MetaEol.Llama.Configuration;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Decoder;

/// <summary>The numbers of a decoder's arithmetic as libtorch takes them, held for as long as the decoder lives.</summary>
/// <remarks>
/// A number that becomes a <see cref="Scalar"/> on the way into a call may be finalized while native code still reads it, and <c>add</c> without a factor makes such a number of its own. So every number
/// comes from here or from a <c>using</c>, and every addition names its factor.
/// </remarks>
internal sealed class DecoderScalars : IDisposable
{
    /// <summary>Makes the numbers of a model.</summary>
    public DecoderScalars(LlamaConfig config)
    {
        Epsilon = config.RmsNormEpsilon.ToScalar();
        EmbeddingScale = config.EmbeddingScale.ToScalar();
        ResidualScale = config.ResidualScale.ToScalar();

        // libtorch's attention scales by 1/√head_dim on its own; the explicit one of capped layers does not.
        double given = config.AttentionSoftCap is null ? Math.Sqrt(config.HeadDimension) : 1;
        QueryScale = config.AttentionSoftCap is null && config.ScoreScale == 1 / given ? null : (config.ScoreScale * given).ToScalar();
        SoftCap = (config.AttentionSoftCap ?? 1).ToScalar();
        InverseSoftCap = (1 / (config.AttentionSoftCap ?? 1)).ToScalar();
    }

    public Scalar One { get; } = 1.ToScalar();

    public Scalar Epsilon { get; }

    public Scalar EmbeddingScale { get; }

    public Scalar ResidualScale { get; }

    /// <summary>What queries are multiplied by before their products with the keys; null for nothing.</summary>
    public Scalar? QueryScale { get; }

    public Scalar SoftCap { get; }

    public Scalar InverseSoftCap { get; }

    /// <summary>The cubic term of GELU's tanh form.</summary>
    public Scalar GeluCubic { get; } = 0.044715.ToScalar();

    /// <summary>2 · √(2/π).</summary>
    public Scalar GeluSlope { get; } = (2 * Math.Sqrt(2 / Math.PI)).ToScalar();

    public void Dispose()
    {
        foreach (Scalar? scalar in (Scalar?[])[One, Epsilon, EmbeddingScale, ResidualScale, QueryScale, SoftCap, InverseSoftCap, GeluCubic, GeluSlope])
        {
            scalar?.Dispose();
        }
    }
}
