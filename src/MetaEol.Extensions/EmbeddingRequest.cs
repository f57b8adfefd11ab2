using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using Microsoft.Extensions.AI;

namespace MetaEol.Extensions;

/// <summary>What one request asks for, checked against the model.</summary>
/// <param name="TemplateSet">The templates.</param>
/// <param name="Layers">Indices into <c>hidden_states</c>, none negative.</param>
internal readonly record struct EmbeddingRequest(TemplateSet TemplateSet, int[] Layers)
{
    public static EmbeddingRequest Create(
        EmbeddingGenerationOptions? options, IEnumerable<LayerSelector> layers, TemplateSet templateSet, PromptEncoderMetadata encoder, string modelId)
    {
        if (options?.Dimensions is int dimensions && dimensions != encoder.Dimensions)
        {
            throw new ArgumentException($"Dimensions is {dimensions}, but '{modelId}' gives vectors of {encoder.Dimensions} dimensions: write {encoder.Dimensions}, or leave it out.", nameof(options));
        }

        if (options?.ModelId is string wanted && wanted != modelId)
        {
            throw new ArgumentException($"ModelId is '{wanted}', but this generator serves '{modelId}' alone: write that, leave it out, or register a generator for the other model.", nameof(options));
        }

        return new EmbeddingRequest((options as MetaEolEmbeddingGenerationOptions)?.TemplateSet ?? templateSet, [.. layers.Select(layer => layer.Resolve(encoder.LayerCount))]);
    }
}
