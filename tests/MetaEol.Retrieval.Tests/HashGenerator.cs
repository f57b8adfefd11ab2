using Microsoft.Extensions.AI;

namespace MetaEol.Retrieval.Tests;

/// <summary>
/// Gives a text the sum of its words' vectors, which are random but always the same; words of a group share one, so that a test can say what means the same. Remembers
/// what it was asked.
/// </summary>
internal sealed class HashGenerator(string name = "hash", int dimensions = 64, params string[][] synonyms) : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly List<string> _texts = [];

    /// <summary>Fails when it is asked for a text that holds this.</summary>
    public string? Poison { get; set; }

    /// <summary>Fills every vector with this number in place of what the words give.</summary>
    public float? Fill { get; set; }

    /// <summary>The texts embedded so far.</summary>
    public IReadOnlyList<string> Texts
    {
        get
        {
            lock (_texts)
            {
                return [.. _texts];
            }
        }
    }

    /// <summary>Forgets what it was asked.</summary>
    public void Reset()
    {
        lock (_texts)
        {
            _texts.Clear();
        }
    }

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string[] texts = [.. values];
        if (Poison is not null && texts.FirstOrDefault(text => text.Contains(Poison, StringComparison.Ordinal)) is { } poisoned)
        {
            throw new InvalidOperationException($"Poisoned by '{poisoned}'.");
        }

        lock (_texts)
        {
            _texts.AddRange(texts);
        }

        return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(texts.Select(text => new Embedding<float>(Vector(text)))));
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata("test", null, name, dimensions) : null;

    public void Dispose()
    {
    }

    public float[] Vector(string text)
    {
        float[] vector = new float[dimensions];
        if (Fill is { } value)
        {
            Array.Fill(vector, value);
            return vector;
        }

        vector[0] = 3;
        foreach (string word in text.Split([' ', '.', ',', '?', ':', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            string meaning = synonyms.FirstOrDefault(group => group.Contains(word, StringComparer.OrdinalIgnoreCase))?[0] ?? word;
            Random random = new((int)Fnv(meaning.ToUpperInvariant()));
            for (int i = 0; i < dimensions; i++)
            {
                vector[i] += (float)(random.NextDouble() - 0.5);
            }
        }

        float norm = MathF.Sqrt(vector.Sum(element => element * element));
        return [.. vector.Select(element => element / norm)];
    }

    private static uint Fnv(string text) => text.Aggregate(2166136261u, (hash, letter) => (hash ^ letter) * 16777619u);
}
