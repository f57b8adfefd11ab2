namespace MetaEol.Retrieval.Splitting;

/// <summary>Measures texts in the unit of a passage's greatest length.</summary>
internal interface ITextMeasure
{
    /// <summary>The length of a text.</summary>
    int Count(string text);

    /// <summary>The index up to which a text is at most so long; it may lie inside a surrogate pair.</summary>
    int Fit(string text, int length);
}
