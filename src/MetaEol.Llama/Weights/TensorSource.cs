namespace MetaEol.Llama.Weights;

/// <summary>A tensor that a configuration calls for, and where it was found.</summary>
/// <param name="Name">The name that a whole model has it under.</param>
/// <param name="File">The file that holds it.</param>
/// <param name="Tensor">The tensor; of fused projections the whole of them.</param>
/// <param name="Projection">The matrix, if a product multiplies with it; null for embeddings, the output head, norms and biases.</param>
internal sealed record TensorSource(string Name, SafetensorsFile File, TensorInfo Tensor, WeightMatrix? Projection);
