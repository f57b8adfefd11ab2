using MetaEol.Retrieval.Ranking;
using Microsoft.Extensions.VectorData;

namespace MetaEol.Samples.HybridVectorStore;

/// <summary>Ranks the passages of a vector store by vectors and words together.</summary>
/// <param name="passages">The store's collection, whose distances are cosine distances.</param>
/// <param name="words">The words of the same passages.</param>
/// <param name="count">Number of passages in the collection.</param>
internal sealed class HybridSearch(VectorStoreCollection<string, StoredPassage> passages, WordTable words, int count)
{
    /// <summary>The passages that answer a question, the best first.</summary>
    public async Task<IReadOnlyList<HybridResult>> SearchAsync(string question, int top, CancellationToken cancellationToken = default)
    {
        // What a similarity tells depends on how similar the other passages are, so that all of them are asked for; of a large store a few thousand of the best and a
        // fixed sample of the rest will do.
        List<VectorSearchResult<StoredPassage>> found = await passages.SearchAsync(question, count, cancellationToken: cancellationToken).ToListAsync(cancellationToken);
        float[] similarities = [.. found.Select(result => (float)(1 - result.Score!.Value))];

        Dictionary<string, double> matches = words.Match(question);
        double[] bm25 = [.. found.Select(result => matches.GetValueOrDefault(result.Record.Id))];

        // Both in the same unit, nats, and the vectors as much as they are to be trusted for this question.
        double[] surprise = new double[found.Count];
        HybridRanking.Surprise(similarities, surprise);
        double trust = HybridRanking.Trust(bm25, similarities);
        return [.. found.Select((result, i) => new HybridResult(result.Record, bm25[i], trust * surprise[i])).OrderByDescending(result => result.Words + result.Vectors).Take(top)];
    }
}
