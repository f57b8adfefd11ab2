namespace MetaEol.Evaluation.Retrieval;

/// <summary>A document of a collection.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">Its title; empty where it has none.</param>
/// <param name="Text">Its text.</param>
public sealed record RetrievalDocument(string Id, string Title, string Text);
