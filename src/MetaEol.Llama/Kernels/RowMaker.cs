namespace MetaEol.Llama.Kernels;

/// <summary>Computes one input row of a product.</summary>
/// <param name="row">Index of the row.</param>
/// <param name="target">Receives the row.</param>
internal unsafe delegate void RowMaker(int row, float* target);
