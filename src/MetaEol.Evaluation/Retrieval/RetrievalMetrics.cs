namespace MetaEol.Evaluation.Retrieval;

/// <summary>Measures of a ranking against judgements of relevance, as trec_eval and BEIR compute them.</summary>
public static class RetrievalMetrics
{
    /// <summary>
    /// Normalised discounted cumulative gain: the sum of the first documents' relevances, each divided by the binary logarithm of its rank plus one, over the same sum for
    /// the best possible ranking.
    /// </summary>
    /// <param name="ranking">Ids of the documents found, the best first, each once.</param>
    /// <param name="relevances">The relevance of each document that was judged; 0 or less is not relevant, and a document that is missing neither.</param>
    /// <param name="depth">How many documents count, at least 1.</param>
    /// <returns>0 to 1; NaN where no document is relevant.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="depth"/> is less than 1.</exception>
    public static double Ndcg(IReadOnlyList<string> ranking, IReadOnlyDictionary<string, int> relevances, int depth)
    {
        ThrowIfInvalid(ranking, relevances, depth);
        double gain = 0, ideal = 0;
        for (int i = 0; i < Math.Min(depth, ranking.Count); i++)
        {
            gain += Math.Max(0, relevances.GetValueOrDefault(ranking[i])) / Math.Log2(i + 2);
        }

        int rank = 0;
        foreach (int relevance in relevances.Values.Where(relevance => relevance > 0).OrderDescending().Take(depth))
        {
            ideal += relevance / Math.Log2(rank++ + 2);
        }

        return ideal > 0 ? gain / ideal : double.NaN;
    }

    /// <summary>The part of the relevant documents that is among the first.</summary>
    /// <returns>0 to 1; NaN where no document is relevant.</returns>
    /// <inheritdoc cref="Ndcg"/>
    public static double Recall(IReadOnlyList<string> ranking, IReadOnlyDictionary<string, int> relevances, int depth)
    {
        ThrowIfInvalid(ranking, relevances, depth);
        int relevant = relevances.Values.Count(relevance => relevance > 0);
        return relevant > 0 ? ranking.Take(depth).Count(id => relevances.GetValueOrDefault(id) > 0) / (double)relevant : double.NaN;
    }

    /// <summary>One over the rank of the first relevant document, 0 where none is among the first.</summary>
    /// <returns>0 to 1; NaN where no document is relevant.</returns>
    /// <inheritdoc cref="Ndcg"/>
    public static double ReciprocalRank(IReadOnlyList<string> ranking, IReadOnlyDictionary<string, int> relevances, int depth)
    {
        ThrowIfInvalid(ranking, relevances, depth);
        if (!relevances.Values.Any(relevance => relevance > 0))
        {
            return double.NaN;
        }

        for (int i = 0; i < Math.Min(depth, ranking.Count); i++)
        {
            if (relevances.GetValueOrDefault(ranking[i]) > 0)
            {
                return 1.0 / (i + 1);
            }
        }

        return 0;
    }

    private static void ThrowIfInvalid(IReadOnlyList<string> ranking, IReadOnlyDictionary<string, int> relevances, int depth)
    {
        ArgumentNullException.ThrowIfNull(ranking);
        ArgumentNullException.ThrowIfNull(relevances);
        ArgumentOutOfRangeException.ThrowIfLessThan(depth, 1);
    }
}
