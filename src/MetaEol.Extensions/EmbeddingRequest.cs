using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using Microsoft.Extensions.AI;

namespace MetaEol.Extensions;

/// <summary>What one request asks for, checked against the model.</summary>
/// <param name="TemplateSet">The templates.</param>
/// <param name="Layer">The index into <c>hidden_states</c>, not negative.</param>
internal readonly record struct EmbeddingRequest(TemplateSet TemplateSet, int Layer)
{
    public static EmbeddingRequest Create(EmbeddingGenerationOptions? options, LayerSelector layer, TemplateSet templateSet, PromptEncoderMetadata encoder, string modelId)
    {
        if (options?.Dimensions is int dimensions && dimensions != encoder.Dimensions)
        {
            throw new ArgumentException($"Dimensions is {dimensions}, but '{modelId}' gives vectors of {encoder.Dimensions} dimensions: write {encoder.Dimensions}, or leave it out.", nameof(options));
        }

        if (options?.ModelId is string wanted && wanted != modelId)
        {
            throw new ArgumentException($"ModelId is '{wanted}', but this generator serves '{modelId}' alone: write that, leave it out, or register a generator for the other model.", nameof(options));
        }

        var own = options as MetaEolEmbeddingGenerationOptions;
        return new EmbeddingRequest(own?.TemplateSet ?? templateSet, (own?.Layer ?? layer).Resolve(encoder.LayerCount));
    }
}
