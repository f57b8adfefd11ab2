using MetaEol.Extensions;
using MetaEol.Llama.Configuration;

namespace MetaEol.Evaluation;

/// <summary>The configuration of a generator's model.</summary>
internal static class GeneratorConfig
{
    public static LlamaConfig Read(MetaEolEmbeddingGenerator generator) =>
        generator.GetService(typeof(LlamaConfig)) as LlamaConfig
        ?? throw new InvalidOperationException("The generator's model has no readable configuration.");
}
