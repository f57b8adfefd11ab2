using MetaEol.Llama.Kernels.Emitted;

namespace MetaEol.Llama.Kernels;

/// <summary>The bfloat16 product with float32 sums: weights are packed at the first call and kept, two bytes each; inputs are rounded in every call.</summary>
/// <remarks>
/// Weights stored as bfloat16 are taken as they are, others rounded to it. A sum is one chain over all columns in pairs, the second of a pair before the first, rounded to
/// float32 after each product; subnormal numbers count as zero. So a row's result does not depend on the other rows or on threads, and equals
/// <see cref="MatrixProduct.ReferenceBFloat16"/> bit by bit.
/// </remarks>
internal sealed class BFloat16Linear(LinearWeights weights, EmittedKernels kernels) : PackedLinear<BFloat16Weights>(weights)
{
    /// <inheritdoc/>
    protected override BFloat16Weights Pack(WorkerPool pool) => new(Weights, TileEmitter.Width, pool);

    /// <inheritdoc/>
    protected override PackedProduct CreateProduct(BFloat16Weights packed) => new BFloat16Product(Weights, packed, kernels);
}
