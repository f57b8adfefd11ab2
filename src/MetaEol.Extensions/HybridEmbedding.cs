using Microsoft.Extensions.AI;

namespace MetaEol.Extensions;

/// <summary>Both vectors of a text, from one pass through the model.</summary>
/// <param name="Dense">What the text means.</param>
/// <param name="Sparse">How much each word counts.</param>
public sealed record HybridEmbedding(Embedding<float> Dense, SparseEmbedding Sparse);
