namespace MetaEol.Evaluation.Retrieval;

/// <summary>A question with the documents that were judged for it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Text">The question.</param>
/// <param name="Relevances">The relevance of each judged document of the collection, by its id; 0 or less is not relevant.</param>
public sealed record RetrievalQuery(string Id, string Text, IReadOnlyDictionary<string, int> Relevances);
