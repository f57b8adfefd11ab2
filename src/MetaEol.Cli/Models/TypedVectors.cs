using MetaEol.Extensions.SmallVectors;
using Microsoft.Extensions.AI;

namespace MetaEol.Cli.Models;

/// <summary>A generator's vectors as they are after they were kept in fewer bits, to score what that costs.</summary>
internal sealed class TypedVectors(IEmbeddingGenerator<string, Embedding<float>> inner, VectorType type) : DelegatingEmbeddingGenerator<string, Embedding<float>>(inner)
{
    public override async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        GeneratedEmbeddings<Embedding<float>> vectors = await base.GenerateAsync(values, options, cancellationToken).ConfigureAwait(false);
        foreach (Embedding<float> vector in vectors)
        {
            vector.Vector = SmallVector.RoundTrip(vector.Vector.Span, type);
        }

        return vectors;
    }
}
