using MetaEol.Evaluation.Statistics;
using MetaEol.Retrieval;

namespace MetaEol.Evaluation.Retrieval;

/// <summary>Scores the modes of search on a collection, each question asked in each mode of one index.</summary>
/// <param name="index">An index of nothing else; its documents become the collection's.</param>
public sealed class RetrievalEvaluator(SearchIndex index)
{
    private const int Depth = 100, NdcgDepth = 10;

    private static readonly int[] RecallDepths = [1, 3, 10, Depth];

    /// <summary>How many of the hybrid ranking's best documents are reranked in one more run, 0 to 100; 0 (the default) leaves it out. Each question then costs so many passes of the model over a passage.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is outside its range.</exception>
    public int Rerank
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Depth);
            field = value;
        }
    }

    /// <summary>Indexes a collection and scores the modes.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="modes">The modes, each once.</param>
    /// <param name="progress">Told how far it is, in passages embedded and questions asked.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The scores, in the order of the modes, and those of reranking at last. A document counts where its best passage stands.</returns>
    public async Task<IReadOnlyList<RetrievalScores>> EvaluateAsync(
        BeirFolder collection, IReadOnlyList<SearchMode> modes, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(collection);
        ArgumentNullException.ThrowIfNull(modes);
        IEnumerable<SearchDocument> documents = collection.Documents.Select(document => new SearchDocument(document.Id, document.Text) { Title = document.Title });
        await index.UpdateAsync(documents, progress is null ? null : new IndexingProgress(progress), cancellationToken).ConfigureAwait(false);
        List<RetrievalScores> scores = [];
        SearchOptions[] runs = [.. modes.Select(mode => new SearchOptions { Top = Depth, Mode = mode, OnePerDocument = true })];
        foreach (SearchOptions run in Rerank == 0 ? runs : [.. runs, new SearchOptions { Top = Depth, OnePerDocument = true, Rerank = Rerank }])
        {
            Dictionary<string, double> ndcg = new(StringComparer.Ordinal);
            List<double> reciprocal = [];
            List<double>[] recall = [.. RecallDepths.Select(_ => new List<double>())];
            foreach (RetrievalQuery query in collection.Queries)
            {
                IReadOnlyList<SearchResult> found = await index.SearchAsync(query.Text, run, cancellationToken).ConfigureAwait(false);
                string[] ranking = [.. found.Select(result => result.Passage.Document)];
                ndcg.Add(query.Id, RetrievalMetrics.Ndcg(ranking, query.Relevances, NdcgDepth));
                reciprocal.Add(RetrievalMetrics.ReciprocalRank(ranking, query.Relevances, NdcgDepth));
                for (int i = 0; i < RecallDepths.Length; i++)
                {
                    recall[i].Add(RetrievalMetrics.Recall(ranking, query.Relevances, RecallDepths[i]));
                }

                progress?.Report(new EvaluationProgress(run.Rerank == 0 ? $"asking, {run.Mode}" : "asking, reranked", ndcg.Count, collection.Queries.Count));
            }

            scores.Add(new RetrievalScores(
                run.Mode,
                BootstrapInterval.OfMean([.. ndcg.Values]),
                BootstrapInterval.OfMean(reciprocal),
                RecallDepths.Select((depth, i) => (depth, recall[i].Average())).ToDictionary(),
                ndcg)
            {
                Rerank = run.Rerank,
            });
        }

        return scores;
    }

    private sealed class IndexingProgress(IProgress<EvaluationProgress> progress) : IProgress<IndexProgress>
    {
        public void Report(IndexProgress value) => progress.Report(new EvaluationProgress("embedding passages", value.Embedded, value.ToEmbed));
    }
}
