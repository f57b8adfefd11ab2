namespace MetaEol.Llama.Kernels;

/// <summary>The 8-bit product: weights that the model does not store so are quantized at the first call and kept, about one byte each; inputs are quantized in every call.</summary>
/// <remarks>
/// Weights and inputs have one scale for each row and block of at most 128 columns. Integer sums are exact and scales are computed alike everywhere, so the result is the same
/// on every machine.
/// </remarks>
internal sealed class Int8Linear(LinearWeights weights, Int8Kernel kernel) : PackedLinear<Int8Weights>(weights)
{
    /// <inheritdoc/>
    protected override Int8Weights Pack(WorkerPool pool) => new(Weights, pool);

    /// <inheritdoc/>
    protected override PackedProduct CreateProduct(Int8Weights packed) => new Int8Product(Weights, packed, kernel);
}
