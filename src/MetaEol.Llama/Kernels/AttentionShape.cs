using MetaEol.Llama.Configuration;

namespace MetaEol.Llama.Kernels;

/// <summary>The sizes of one layer's attention.</summary>
/// <param name="Heads">Number of query heads.</param>
/// <param name="KeyValueHeads">Number of key/value heads.</param>
/// <param name="HeadDimension">Width of a head.</param>
/// <param name="Window">Sliding window in tokens, the token itself included; <see cref="int.MaxValue"/> for none.</param>
/// <param name="ScoreScale">What queries · keys are multiplied by.</param>
/// <param name="SoftCap">The cap c on scaled scores, c · tanh(score / c); 0 for none.</param>
internal readonly record struct AttentionShape(int Heads, int KeyValueHeads, int HeadDimension, int Window, float ScoreScale, float SoftCap = 0)
{
    /// <summary>Query heads that share a key/value head.</summary>
    public int Group => Heads / KeyValueHeads;

    public int QueryWidth => Heads * HeadDimension;

    public int KeyValueWidth => KeyValueHeads * HeadDimension;

    public static AttentionShape Of(LlamaConfig config, int layer) =>
        new(
            config.AttentionHeads,
            config.KeyValueHeads,
            config.HeadDimension,
            config.SlidingWindows[layer] ?? int.MaxValue,
            (float)config.ScoreScale,
            (float)(config.AttentionSoftCap ?? 0));
}
