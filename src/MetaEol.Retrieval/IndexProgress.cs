namespace MetaEol.Retrieval;

/// <summary>How far an update is.</summary>
/// <param name="Embedded">Passages embedded so far.</param>
/// <param name="ToEmbed">Passages to embed, as far as the documents were read; documents are read ahead of the embedding, up to some thousand passages.</param>
/// <param name="Documents">Documents read so far.</param>
public readonly record struct IndexProgress(int Embedded, int ToEmbed, int Documents);
