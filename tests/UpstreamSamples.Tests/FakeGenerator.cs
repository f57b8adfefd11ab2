using Microsoft.Extensions.AI;

namespace MetaEol.Samples.Tests;

/// <summary>Vectors of a given width that depend on the text; counts the texts, and fails when told to.</summary>
internal sealed class FakeGenerator(int dimensions) : IEmbeddingGenerator<string, Embedding<float>>
{
    public int Texts { get; private set; }

    public bool Fails { get; set; }

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (Fails)
        {
            throw new HttpRequestException("The provider is away.");
        }

        var embeddings = new GeneratedEmbeddings<Embedding<float>>();
        foreach (string text in values)
        {
            Texts++;
            var vector = new float[dimensions];
            foreach (char character in text)
            {
                vector[character % dimensions]++;
            }

            embeddings.Add(new Embedding<float>(vector));
        }

        return Task.FromResult(embeddings);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }
}
