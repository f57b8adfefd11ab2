namespace MetaEol.Retrieval;

/// <summary>By what passages are ranked.</summary>
public enum SearchMode
{
    /// <summary>By all that the index knows: words, vectors and sparse vectors together.</summary>
    Hybrid,

    /// <summary>By vectors: what passage and question mean.</summary>
    Dense,

    /// <summary>By words: BM25 over word stems. Needs no model.</summary>
    Words,

    /// <summary>By sparse vectors: words, as much as the model says that each counts.</summary>
    Sparse,
}
