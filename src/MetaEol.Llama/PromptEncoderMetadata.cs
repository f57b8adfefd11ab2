using MetaEol.Llama.Configuration;

namespace MetaEol.Llama;

/// <summary>What an encoder says about itself: all that the stages around it need to know.</summary>
/// <param name="Dimensions">Width of a hidden state, at least 1.</param>
/// <param name="LayerCount">Number of decoder layers; <c>hidden_states</c> has one entry more.</param>
/// <param name="ContextTokens">Most tokens of a prompt, at least 1.</param>
/// <param name="VocabularySize">Number of token ids that have an embedding: <c>0 .. VocabularySize - 1</c>.</param>
public sealed record PromptEncoderMetadata(int Dimensions, int LayerCount, int ContextTokens, int VocabularySize)
{
    /// <summary>How many calls the encoder computes at the same time, at least 1; further ones wait for their turn. Default: 1.</summary>
    public int ConcurrentCalls { get; init; } = 1;

    /// <summary>What an encoder of a model with this configuration says.</summary>
    /// <param name="config">The configuration.</param>
    /// <exception cref="ArgumentNullException"><paramref name="config"/> is null.</exception>
    public static PromptEncoderMetadata Of(LlamaConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new PromptEncoderMetadata(config.HiddenSize, config.LayerCount, config.ContextTokens, config.VocabularySize);
    }
}
