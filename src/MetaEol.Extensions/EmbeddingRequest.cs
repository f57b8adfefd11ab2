using MetaEol.Extensions.Batching;
using MetaEol.Extensions.Filtering;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using Microsoft.Extensions.AI;

namespace MetaEol.Extensions;

/// <summary>What one request asks for, checked against the model.</summary>
/// <param name="TemplateSet">The templates that the texts are put into.</param>
/// <param name="Wanted">What is wanted of their prompts.</param>
/// <param name="Window">The filter of the vectors; null where they are not filtered.</param>
internal readonly record struct EmbeddingRequest(TemplateSet TemplateSet, WantedStates Wanted, DimensionWindow? Window)
{
    /// <summary>Checks what is asked for.</summary>
    /// <param name="options">The request's options, or null.</param>
    /// <param name="layers">The layers of all templates; null for one of each, its own or the one that the options name.</param>
    /// <param name="generator">The generator's options.</param>
    /// <param name="encoder">The encoder.</param>
    /// <param name="modelId">The generator's model.</param>
    /// <exception cref="ArgumentException">The generator cannot serve it.</exception>
    public static EmbeddingRequest Create(
        EmbeddingGenerationOptions? options, IEnumerable<LayerSelector>? layers, MetaEolOptions generator, PromptEncoderMetadata encoder, string modelId)
    {
        if (options?.ModelId is string wanted && wanted != modelId)
        {
            throw new ArgumentException($"ModelId is '{wanted}', but this generator serves '{modelId}' alone: write that, leave it out, or register a generator for the other model.", nameof(options));
        }

        var own = options as MetaEolEmbeddingGenerationOptions;
        TemplateSet set = (own?.TemplateSet ?? generator.TemplateSet).ForRole(own?.Role ?? TextRole.Document);
        TokenPrepending? prepending = own?.TokenPrepending ?? generator.TokenPrepending
            ? PrependingLayers.Resolve(own?.TokenPrependingEnd ?? generator.TokenPrependingEnd, encoder.LayerCount)
            : null;
        DimensionWindow? window = DimensionWindow.Resolve(options?.Dimensions ?? generator.Dimensions, own?.Filter ?? generator.Filter, encoder.Dimensions, modelId);
        if (layers is not null)
        {
            return new EmbeddingRequest(set, WantedStates.Of([.. layers.Select(layer => layer.Resolve(encoder.LayerCount))]) with { Prepending = prepending }, window);
        }

        if (own?.Layer is { } unused && set.HaveOwnLayers)
        {
            throw new ArgumentException(
                $"Layer is {unused}, but every template of '{set.Name}' has a layer of its own: leave it out, or take {nameof(TemplateSet)}.{nameof(Prompting.TemplateSet.WithLayer)} to change them.", nameof(options));
        }

        return new EmbeddingRequest(set, WantedStates.OfTemplates(set.ResolveLayers(own?.Layer ?? generator.Layer, encoder.LayerCount)) with { Prepending = prepending }, window);
    }
}
