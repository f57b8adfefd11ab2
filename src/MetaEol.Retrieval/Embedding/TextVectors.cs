using MetaEol.Extensions;

namespace MetaEol.Retrieval.Embedding;

/// <summary>The vectors of a text.</summary>
/// <param name="Dense">Its embedding; empty where it was not asked for.</param>
/// <param name="Sparse">Its sparse vector; null where the index keeps none, or it was not asked for.</param>
internal readonly record struct TextVectors(ReadOnlyMemory<float> Dense, SparseEmbedding? Sparse);
