namespace MetaEol.Cli.Indexing;

/// <summary>What an update of the index did.</summary>
/// <param name="Files">Files in the folder.</param>
/// <param name="Passages">Passages in the index.</param>
/// <param name="Embedded">Passages embedded by this update.</param>
/// <param name="Removed">Passages that are no longer in the folder.</param>
internal sealed record IndexUpdate(int Files, int Passages, int Embedded, int Removed);
