using Microsoft.Extensions.AI;

namespace MetaEol.Extensions.SmallVectors;

/// <summary>Gives another generator's vectors in another form. The other generator is shared, so it is not disposed.</summary>
internal sealed class ConvertingGenerator<TEmbedding>(IEmbeddingGenerator<string, Embedding<float>> inner, Func<Embedding<float>, TEmbedding> convert) : IEmbeddingGenerator<string, TEmbedding>
    where TEmbedding : Embedding
{
    public async Task<GeneratedEmbeddings<TEmbedding>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        GeneratedEmbeddings<Embedding<float>> vectors = await inner.GenerateAsync(values, options, cancellationToken).ConfigureAwait(false);
        return new GeneratedEmbeddings<TEmbedding>(vectors.Select(Convert)) { Usage = vectors.Usage, AdditionalProperties = vectors.AdditionalProperties };
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this) ? this : inner.GetService(serviceType, serviceKey);
    }

    public void Dispose()
    {
    }

    private TEmbedding Convert(Embedding<float> vector)
    {
        TEmbedding converted = convert(vector);
        (converted.ModelId, converted.CreatedAt) = (vector.ModelId, vector.CreatedAt);
        foreach ((string name, object? value) in vector.AdditionalProperties ?? [])
        {
            (converted.AdditionalProperties ??= []).TryAdd(name, value);
        }

        return converted;
    }
}
