using MetaEol.Llama.Kernels;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Filtering;

/// <summary>
/// The right singular vectors of a model's output head: M = U S Vᵀ, M <c>[vocabulary × hidden]</c>, not centred. A window of the rows of Vᵀ filters hidden states ("EmbedFilter", arXiv 2606.07502): the
/// largest singular values belong to what all next words have in common, the smallest to noise, and what lies between tells texts apart.
/// </summary>
public sealed class SpectralBasis
{
    private readonly float[] _vectors;

    internal SpectralBasis(double[] singularValues, float[] vectors)
    {
        SingularValues = singularValues;
        _vectors = vectors;
        InputDimensions = vectors.Length / singularValues.Length;
    }

    /// <summary>Width of a hidden state.</summary>
    public int InputDimensions { get; }

    /// <summary>The singular values, falling; as many as there are vectors: the hidden size, or the size of the vocabulary where that is smaller.</summary>
    public IReadOnlyList<double> SingularValues { get; }

    internal ReadOnlySpan<float> Vectors => _vectors;

    /// <summary>Computes the basis from the Gram matrix of the head, or of the token embedding where the two are tied. It takes time: see docs/performance.md.</summary>
    /// <param name="weights">The weights, kept mapped meanwhile.</param>
    /// <param name="threads">Number of threads, at least 1; null takes the number of processors available to the process.</param>
    /// <param name="progress">Receives how far it is, on any thread.</param>
    /// <param name="cancellationToken">Ends the computation.</param>
    /// <exception cref="NotSupportedException">The weights hold no output head.</exception>
    /// <exception cref="InvalidModelException">The output head holds numbers that are not finite, or only zeros.</exception>
    /// <exception cref="ObjectDisposedException">The weights are disposed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static SpectralBasis Compute(LlamaWeights weights, int? threads = null, IProgress<FilterProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(weights);
        using IDisposable lease = weights.Lease();
        WeightMatrix head = HeadOf(weights);
        using var pool = new WorkerPool(threads ?? Environment.ProcessorCount);
        int size = head.Columns;
        double[] gram = GramMatrix.Compute(head, pool, rows => progress?.Report(new FilterProgress("Gram matrix", rows, head.Rows)), cancellationToken);
        double scale = Scale(gram, size, weights);
        for (long i = 0; i < gram.LongLength; i++)
        {
            gram[i] /= scale;
        }

        (double[] values, double[] vectors) = SymmetricEigen.Decompose(gram, size, pool, (step, done) => progress?.Report(new FilterProgress(step, done, 1)), cancellationToken);

        // A wide matrix has no more singular values than rows; the other vectors are any that complete a basis.
        int count = Math.Min(size, head.Rows);
        return new SpectralBasis(
            [.. values.Take(count).Select(value => Math.Sqrt(Math.Max(0, value) * scale))],
            Array.ConvertAll(vectors[..(count * size)], value => (float)value));
    }

    /// <summary>A filter of some of the vectors.</summary>
    /// <param name="start">The first vector, 0 being that of the largest singular value.</param>
    /// <param name="count">Number of vectors, at least 1: the dimensions of filtered vectors.</param>
    /// <exception cref="ArgumentOutOfRangeException">The basis does not have these vectors.</exception>
    public VectorFilter Window(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return start <= SingularValues.Count - count
            ? new VectorFilter(_vectors.AsSpan(start * InputDimensions, count * InputDimensions).ToArray(), InputDimensions)
            : throw new ArgumentOutOfRangeException(nameof(start), start, $"{count} vectors from {start} on are not all in a basis of {SingularValues.Count}.");
    }

    internal static WeightMatrix HeadOf(LlamaWeights weights) => weights.OutputHead ?? throw new NotSupportedException(
        $"'{Path.GetDirectoryName(weights.Files[0].Path)}' holds no lm_head.weight and does not tie it to the embeddings, so there is no spectrum to filter by: use the random projection.");

    // Numbers of order one keep squares of squares in the range of double.
    private static double Scale(double[] gram, int size, LlamaWeights weights)
    {
        double largest = 0;
        for (int i = 0; i < size; i++)
        {
            double value = gram[((long)i * size) + i];
            largest = double.IsFinite(value) ? Math.Max(largest, value) : double.PositiveInfinity;
        }

        if (largest is > 0 and < double.PositiveInfinity)
        {
            return largest;
        }

        // No float32 overflows the sum of squares in double precision: what is not finite was so before.
        throw new InvalidModelException(weights.FindNonFinite() is { } weight
            ? $"Tensor '{weight.Tensor}' of '{weight.File}' holds {weight.Value} at row {weight.Row}, column {weight.Column}, so the output head has no spectrum; weights must be finite."
            : $"The output head of '{Path.GetDirectoryName(weights.Files[0].Path)}' holds only zeros, so it has no spectrum.");
    }
}
