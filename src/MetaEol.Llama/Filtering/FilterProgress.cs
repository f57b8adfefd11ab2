namespace MetaEol.Llama.Filtering;

/// <summary>How far the computation of a <see cref="SpectralBasis"/> is.</summary>
/// <param name="Step">What is being done: the Gram matrix, tridiagonal form, eigenvalues, eigenvectors.</param>
/// <param name="Done">How much of the step is done.</param>
/// <param name="Total">Where the step ends.</param>
public readonly record struct FilterProgress(string Step, double Done, double Total);
