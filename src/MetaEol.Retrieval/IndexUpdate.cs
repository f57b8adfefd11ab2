namespace MetaEol.Retrieval;

/// <summary>What an update did.</summary>
/// <param name="Documents">Documents in the index.</param>
/// <param name="Passages">Passages in the index.</param>
/// <param name="Changed">Documents that were new or had changed.</param>
/// <param name="Embedded">Texts embedded by this update.</param>
/// <param name="Removed">Passages that are no longer there.</param>
public sealed record IndexUpdate(int Documents, int Passages, int Changed, int Embedded, int Removed);
