using MetaEol.Extensions;
using MetaEol.Llama;

namespace MetaEol.Evaluation;

/// <summary>What a generator's encoder says about itself.</summary>
internal static class EncoderMetadata
{
    public static PromptEncoderMetadata Read(MetaEolEmbeddingGenerator generator) =>
        generator.GetService(typeof(PromptEncoderMetadata)) as PromptEncoderMetadata
        ?? throw new InvalidOperationException("The generator's model has no readable configuration.");
}
