using MetaEol.Llama;

namespace MetaEol.Extensions;

/// <summary>The layers of token prepending for a model.</summary>
internal static class PrependingLayers
{
    // As published. At layer 0 the placeholder has the last token's embedding anyway.
    private const int First = 1;

    /// <summary>Resolves the option that says where it ends.</summary>
    /// <exception cref="ArgumentException">The model has no such layer, or the range would be empty.</exception>
    public static TokenPrepending Resolve(LayerSelector end, int layerCount)
    {
        int resolved = end.Resolve(layerCount);
        if (resolved <= First && end.Depth is > 0)
        {
            // A relative depth of a shallow model: the least that does something.
            resolved = First + 1;
        }

        return resolved > First && resolved <= layerCount
            ? new TokenPrepending(First, resolved)
            : throw new ArgumentException($"Token prepending cannot end at layer {end} of this model, which has {layerCount} layers: it begins at layer {First}, so write {First + 1} .. {layerCount} or a relative depth such as '22%'.");
    }
}
