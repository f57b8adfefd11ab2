using MetaEol.Llama.Kernels;

namespace MetaEol.Llama.Filtering;

/// <summary>
/// A seeded random orthogonal projection: needs neither data nor a model, and keeps distances on average, in the proportion √(dimensions / input dimensions). The first rows of a
/// larger projection of the same seed are the smaller one's.
/// </summary>
public static unsafe class RandomProjection
{
    /// <summary>Makes a projection: the first rows of an orthogonal matrix drawn from the uniform distribution over all of them, but for the rows' signs (Stewart's product of Householder reflections of normal vectors).</summary>
    /// <param name="inputDimensions">Numbers of a vector before it, at least 1.</param>
    /// <param name="dimensions">Numbers of a vector behind it, 1 to <paramref name="inputDimensions"/>.</param>
    /// <param name="seed">The seed. The same gives the same projection on every machine, up to the rounding of a double.</param>
    /// <param name="threads">Number of threads, at least 1; null takes the number of processors available to the process.</param>
    /// <param name="cancellationToken">Ends the computation.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static VectorFilter Create(int inputDimensions, int dimensions, int seed, int? threads = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputDimensions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dimensions, inputDimensions);
        double[][] reflections = Reflections(inputDimensions, dimensions, seed);
        float[] rows = new float[(long)dimensions * inputDimensions];
        using var pool = new WorkerPool(threads ?? Environment.ProcessorCount);
        pool.Run(dimensions, (row, worker) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            var vector = new Span<double>(pool.Scratch(worker, (nuint)inputDimensions * sizeof(double)), inputDimensions);
            vector.Clear();
            vector[row] = 1;

            // Reflection k leaves the first k coordinates as they are, so those beyond the row's own have nothing to reflect.
            for (int k = row; k >= 0; k--)
            {
                Reflect(vector[k..], reflections[k]);
            }

            for (int i = 0; i < inputDimensions; i++)
            {
                rows[((long)row * inputDimensions) + i] = (float)vector[i];
            }
        });
        return new VectorFilter(rows, inputDimensions);
    }

    /// <summary>Vectors v of length 1, each of a reflection x - 2 (x·v) v that maps a normal vector of as many coordinates as are left on the first axis.</summary>
    private static double[][] Reflections(int inputDimensions, int dimensions, int seed)
    {
        var normal = new NormalNumbers(seed);
        double[][] reflections = new double[dimensions][];
        for (int k = 0; k < dimensions; k++)
        {
            double[] vector = new double[inputDimensions - k];
            for (int i = 0; i < vector.Length; i++)
            {
                vector[i] = normal.Next();
            }

            // With this sign nothing cancels. It decides about the sign of the projection's row, which no distance depends on.
            vector[0] += Math.CopySign(Norm(vector), vector[0]);
            double norm = Norm(vector);
            reflections[k] = Array.ConvertAll(vector, value => value / norm);
        }

        return reflections;
    }

    private static void Reflect(Span<double> vector, double[] reflection)
    {
        double dot = 0;
        for (int i = 0; i < reflection.Length; i++)
        {
            dot += vector[i] * reflection[i];
        }

        for (int i = 0; i < reflection.Length; i++)
        {
            vector[i] -= 2 * dot * reflection[i];
        }
    }

    private static double Norm(double[] vector)
    {
        double squares = 0;
        foreach (double value in vector)
        {
            squares += value * value;
        }

        return Math.Sqrt(squares);
    }
}
