using System.Numerics.Tensors;
using Microsoft.Extensions.AI;

namespace MetaEol.Samples.Quickstart;

/// <summary>Passages and their vectors, in memory. A vector store takes this place in a real application.</summary>
internal sealed class PassageIndex
{
    private const int BatchSize = 8;

    private readonly IEmbeddingGenerator<string, Embedding<float>> _generator;
    private readonly List<(Passage Passage, ReadOnlyMemory<float> Vector)> _entries = [];

    /// <summary>Creates an empty index.</summary>
    /// <param name="generator">Gives passages and questions their vectors.</param>
    public PassageIndex(IEmbeddingGenerator<string, Embedding<float>> generator) => _generator = generator;

    /// <summary>Embeds passages and adds them.</summary>
    /// <param name="passages">The passages.</param>
    /// <param name="embedded">Called with the number of passages that each batch has added.</param>
    /// <param name="cancellationToken">Ends the work between two units of it.</param>
    public async Task AddAsync(IReadOnlyList<Passage> passages, Action<int> embedded, CancellationToken cancellationToken)
    {
        foreach (Passage[] batch in passages.Chunk(BatchSize))
        {
            GeneratedEmbeddings<Embedding<float>> embeddings =
                await _generator.GenerateAsync(batch.Select(passage => passage.Text), cancellationToken: cancellationToken);
            _entries.AddRange(batch.Zip(embeddings, (passage, embedding) => (passage, embedding.Vector)));
            embedded(batch.Length);
        }
    }

    /// <summary>The passages closest to a question, the closest first.</summary>
    /// <param name="question">The question.</param>
    /// <param name="count">The most passages wanted.</param>
    /// <param name="cancellationToken">Ends the work between two units of it.</param>
    public async Task<IReadOnlyList<SearchHit>> SearchAsync(string question, int count, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<float> vector = await _generator.GenerateVectorAsync(question, cancellationToken: cancellationToken);
        return
        [
            .. _entries
                .Select(entry => new SearchHit(entry.Passage, TensorPrimitives.CosineSimilarity(entry.Vector.Span, vector.Span)))
                .OrderByDescending(hit => hit.Score)
                .Take(count),
        ];
    }
}
