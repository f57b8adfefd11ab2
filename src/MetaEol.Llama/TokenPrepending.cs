namespace MetaEol.Llama;

/// <summary>
/// Token prepending (arXiv 2412.11556): before each decoder layer of a range, the state at a prompt's placeholder token is replaced by the state of its last token, so that the tokens behind the placeholder see what
/// only the last one knew.
/// </summary>
/// <remarks>
/// The placeholder is an ordinary position: it has a rotary position and counts in the prompt's length. Nothing is normed or scaled, and the last token's own state stays. Before the range the placeholder is the token
/// that stands there; from <see cref="EndLayer"/> on it is an ordinary token again.
/// </remarks>
/// <param name="FirstLayer">The first decoder layer, counted from 0, before which the state is replaced; 0 or more.</param>
/// <param name="EndLayer">One past the last such layer: above <paramref name="FirstLayer"/>, at most the number of layers.</param>
public sealed record TokenPrepending(int FirstLayer, int EndLayer)
{
    /// <summary>The vector that stands in place of the placeholder's embedding, as it enters the first layer; empty, the default, for the embedding of the token at its place.</summary>
    public ReadOnlyMemory<float> PlaceholderEmbedding { get; init; }

    /// <summary>Whether states are replaced before a layer.</summary>
    /// <param name="layer">The decoder layer, counted from 0.</param>
    public bool Covers(int layer) => layer >= FirstLayer && layer < EndLayer;

    /// <summary>Checks this against a model.</summary>
    /// <exception cref="ArgumentException">The range is empty or none of the model's, or the embedding has another width.</exception>
    internal void Check(PromptEncoderMetadata encoder)
    {
        if (FirstLayer < 0 || EndLayer <= FirstLayer || EndLayer > encoder.LayerCount)
        {
            throw new ArgumentException(
                $"Token prepending before layers {FirstLayer} .. {EndLayer - 1} is not possible: a range holds at least one layer of 0 .. {encoder.LayerCount - 1}.", nameof(PromptBatch.Prepending));
        }

        if (PlaceholderEmbedding.Length > 0 && PlaceholderEmbedding.Length != encoder.Dimensions)
        {
            throw new ArgumentException($"The placeholder's embedding has {PlaceholderEmbedding.Length} numbers; the model has {encoder.Dimensions} dimensions.", nameof(PromptBatch.Prepending));
        }
    }
}
