using Microsoft.Extensions.AI;

namespace MetaEol.Evaluation.Tests;

/// <summary>Gives a vector by a function of the text, and remembers what it was asked.</summary>
internal sealed class FakeGenerator(Func<string, float[]> vector) : IEmbeddingGenerator<string, Embedding<float>>
{
    public List<string> Texts { get; } = [];

    public List<int> BatchSizes { get; } = [];

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string[] texts = [.. values];
        Texts.AddRange(texts);
        BatchSizes.Add(texts.Length);
        return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(texts.Select(text => new Embedding<float>(vector(text)))));
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
