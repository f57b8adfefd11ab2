using MetaEol.Evaluation.Statistics;
using MetaEol.Retrieval;

namespace MetaEol.Evaluation.Retrieval;

/// <summary>How well one mode of search does on a collection.</summary>
/// <param name="Mode">The mode.</param>
/// <param name="Ndcg10">Mean nDCG@10 over the questions, 0 to 1, with its interval.</param>
/// <param name="ReciprocalRank10">Mean reciprocal rank among the first ten, with its interval.</param>
/// <param name="Recall">Mean recall by depth: 1, 3, 10 and 100.</param>
/// <param name="Ndcg10ByQuery">nDCG@10 of each question, by its id.</param>
public sealed record RetrievalScores(
    SearchMode Mode, BootstrapInterval Ndcg10, BootstrapInterval ReciprocalRank10, IReadOnlyDictionary<int, double> Recall, IReadOnlyDictionary<string, double> Ndcg10ByQuery)
{
    /// <summary>How many of the mode's best documents were reranked; 0 where none were.</summary>
    public int Rerank { get; init; }
}
