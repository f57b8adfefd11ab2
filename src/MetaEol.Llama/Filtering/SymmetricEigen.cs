using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MetaEol.Llama.Kernels;

namespace MetaEol.Llama.Filtering;

/// <summary>Eigenvalues and eigenvectors of a symmetric matrix: Householder reflections to tridiagonal form, implicit QL steps, and the reflections again on what they give.</summary>
/// <remarks>
/// The three parts take about n³ operations each, and each is shared out among threads so that every number is computed by one of them in a fixed order: the result does not
/// depend on how many there are. The matrix is stored whole, though it is symmetric, for the same reason.
/// </remarks>
internal sealed unsafe class SymmetricEigen
{
    // Columns of eigenvectors that all rotations of a batch pass over while they lie in a core's cache.
    private const int SliceColumns = 16;
    private const int BatchSweeps = 32;
    private const int MostIterations = 100;

    // The distance from 1 to the next number.
    private const double Epsilon = 2.220446049250313e-16;

    // Squares that cannot count beside numbers of order one, and whose reciprocal could overflow.
    private const double Negligible = 1e-280;
    private const int RowsPerItem = 16;

    // So much of a reflection is worth a second thread.
    private const int SharedRows = 96;

    private readonly int _size;
    private readonly double[] _matrix;
    private readonly double[] _diagonal;
    private readonly double[] _offDiagonal;
    private readonly double[] _reflectionScale;
    private readonly WorkerPool _pool;
    private readonly Action<string, double>? _progress;
    private readonly CancellationToken _cancellationToken;

    private SymmetricEigen(double[] matrix, int size, WorkerPool pool, Action<string, double>? progress, CancellationToken cancellationToken)
    {
        _matrix = matrix;
        _size = size;
        _pool = pool;
        _progress = progress;
        _cancellationToken = cancellationToken;
        _diagonal = new double[size];
        _offDiagonal = new double[size];
        _reflectionScale = new double[size];
    }

    /// <summary>Decomposes a matrix.</summary>
    /// <param name="matrix">The matrix <c>[size × size]</c>, finite, of numbers of order one; it is used up.</param>
    /// <param name="size">Its size, at least 1.</param>
    /// <param name="pool">The threads.</param>
    /// <param name="progress">Receives the step and how much of it is done, 0 to 1.</param>
    /// <param name="cancellationToken">Ends the work within a small part of a step.</param>
    /// <returns>The eigenvalues, falling, and the eigenvector of each as a row of <c>[size × size]</c>, of length 1, its largest number positive.</returns>
    public static (double[] Values, double[] Vectors) Decompose(double[] matrix, int size, WorkerPool pool, Action<string, double>? progress, CancellationToken cancellationToken)
    {
        var eigen = new SymmetricEigen(matrix, size, pool, progress, cancellationToken);
        eigen.Tridiagonalize();
        using var slices = new NativeBuffer((nuint)size * (nuint)eigen.SliceCount * SliceColumns * sizeof(double));
        eigen.Diagonalize((double*)slices.Data);
        return eigen.Finish((double*)slices.Data);
    }

    private int SliceCount => (_size + SliceColumns - 1) / SliceColumns;

    // Step k makes row and column k tridiagonal by a reflection I - scale · v vᵀ of what lies beyond, and leaves v in row k, which is not needed any more. The matrix is updated
    // by v wᵀ + w vᵀ one step later, in the same pass over it that multiplies it with the next v.
    private void Tridiagonalize()
    {
        double[] work = new double[4 * (long)_size];
        fixed (double* a = _matrix, buffer = work)
        {
            double* matrix = a, v = buffer, w = buffer + _size, product = w + _size, previous = product + _size;
            for (int k = 0; k < _size; k++)
            {
                double* row = matrix + ((nint)k * _size);
                if (k > 0)
                {
                    AddScaled(row + k, -previous[k], w + k, _size - k);
                    AddScaled(row + k, -w[k], previous + k, _size - k);
                }

                _diagonal[k] = row[k];
                if (k == _size - 1)
                {
                    break;
                }

                int first = k + 1, count = _size - first;
                (_offDiagonal[k], _reflectionScale[k]) = Reflect(row + first, count);
                new Span<double>(row + first, count).CopyTo(new Span<double>(v + first, count));

                bool update = k > 0;
                double* vPrevious = previous, wPrevious = w, target = product;
                ForRows(first, (from, to) =>
                {
                    for (int i = from; i < to; i++)
                    {
                        double* line = matrix + ((nint)i * _size) + first;
                        target[i] = update
                            ? UpdateAndDot(line, vPrevious[i], wPrevious + first, wPrevious[i], vPrevious + first, v + first, count)
                            : Dot(line, v + first, count);
                    }
                });

                // w = scale · (A v - scale/2 · (vᵀ A v) v)
                double scale = _reflectionScale[k], half = scale / 2 * Dot(product + first, v + first, count) * scale;
                for (int i = first; i < _size; i++)
                {
                    w[i] = (scale * product[i]) - (half * v[i]);
                }

                double* free = previous;
                previous = v;
                v = free;
                Report("tridiagonal form", first, _size);
            }
        }
    }

    /// <summary>Makes a vector the v of a reflection that maps it on a multiple of the first axis.</summary>
    /// <returns>That multiple, and the reflection's scale 2 / vᵀv; 0 where nothing needs to be reflected.</returns>
    private static (double OffDiagonal, double Scale) Reflect(double* vector, int count)
    {
        double rest = Dot(vector + 1, vector + 1, count - 1);
        if (rest < Negligible)
        {
            double only = vector[0];
            new Span<double>(vector, count).Clear();
            return (only, 0);
        }

        double first = vector[0], norm = Math.Sqrt((first * first) + rest), image = first > 0 ? -norm : norm;
        vector[0] = first - image;
        return (image, 2 / ((vector[0] * vector[0]) + rest));
    }

    // Implicit QL with Wilkinson's shift. The rotations of many sweeps are kept and then applied to one slice of columns after the other.
    private void Diagonalize(double* slices)
    {
        for (int slice = 0; slice < SliceCount; slice++)
        {
            double* start = slices + ((nint)slice * _size * SliceColumns);
            new Span<double>(start, _size * SliceColumns).Clear();
            for (int column = slice * SliceColumns; column < Math.Min(_size, (slice + 1) * SliceColumns); column++)
            {
                start[(column * SliceColumns) + (column % SliceColumns)] = 1;
            }
        }

        double[] d = _diagonal, e = _offDiagonal;
        List<(int First, int Rotations)> sweeps = [];
        List<(double Cosine, double Sine)> rotations = [];
        for (int low = 0; low < _size; low++)
        {
            for (int iteration = 0; ; iteration++)
            {
                int high = low;
                while (high < _size - 1 && Math.Abs(e[high]) > Epsilon * (Math.Abs(d[high]) + Math.Abs(d[high + 1])))
                {
                    high++;
                }

                if (high == low)
                {
                    break;
                }

                if (iteration == MostIterations)
                {
                    throw new ArithmeticException($"Eigenvalue {low} of {_size} did not converge in {MostIterations} steps.");
                }

                int before = rotations.Count;
                Sweep(low, high, rotations);
                sweeps.Add((high - 1, rotations.Count - before));
                if (sweeps.Count == BatchSweeps)
                {
                    Rotate(slices, sweeps, rotations);
                    Report("eigenvalues", low, _size);
                }
            }
        }

        Rotate(slices, sweeps, rotations);
    }

    private void Sweep(int low, int high, List<(double Cosine, double Sine)> rotations)
    {
        double[] d = _diagonal, e = _offDiagonal;
        double g = (d[low + 1] - d[low]) / (2 * e[low]);
        g = d[high] - d[low] + (e[low] / (g + Math.CopySign(double.Hypot(g, 1), g)));
        double sine = 1, cosine = 1, shift = 0;
        for (int i = high - 1; i >= low; i--)
        {
            double f = sine * e[i], b = cosine * e[i], r = double.Hypot(f, g);
            e[i + 1] = r;
            if (r == 0)
            {
                // The matrix falls into two here: the rest is for the next sweep.
                d[i + 1] -= shift;
                e[high] = 0;
                return;
            }

            sine = f / r;
            cosine = g / r;
            g = d[i + 1] - shift;
            r = ((d[i] - g) * sine) + (2 * cosine * b);
            shift = sine * r;
            d[i + 1] = g + shift;
            g = (cosine * r) - b;
            rotations.Add((cosine, sine));
        }

        d[low] -= shift;
        e[low] = g;
        e[high] = 0;
    }

    private void Rotate(double* slices, List<(int First, int Rotations)> sweeps, List<(double Cosine, double Sine)> rotations)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        (double Cosine, double Sine)[] all = [.. rotations];
        (int First, int Rotations)[] order = [.. sweeps];
        _pool.Run(SliceCount, (slice, _) =>
        {
            double* start = slices + ((nint)slice * _size * SliceColumns);
            int next = 0;
            foreach ((int first, int count) in order)
            {
                RotateRows(start, first, all.AsSpan(next, count));
                next += count;
            }
        });
        sweeps.Clear();
        rotations.Clear();
    }

    /// <summary>Rotates rows i and i + 1 for i = first, first - 1, …; row i stays in registers as the next rotation's row i + 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RotateRows(double* slice, int first, ReadOnlySpan<(double Cosine, double Sine)> rotations)
    {
        double* upper = slice + ((nint)(first + 1) * SliceColumns);
        Vector256<double> u0 = Vector256.Load(upper), u1 = Vector256.Load(upper + 4), u2 = Vector256.Load(upper + 8), u3 = Vector256.Load(upper + 12);
        foreach ((double cosine, double sine) in rotations)
        {
            double* lower = upper - SliceColumns;
            Vector256<double> c = Vector256.Create(cosine), s = Vector256.Create(sine);
            Vector256<double> l0 = Vector256.Load(lower), l1 = Vector256.Load(lower + 4), l2 = Vector256.Load(lower + 8), l3 = Vector256.Load(lower + 12);
            Vector256.MultiplyAddEstimate(s, l0, c * u0).Store(upper);
            Vector256.MultiplyAddEstimate(s, l1, c * u1).Store(upper + 4);
            Vector256.MultiplyAddEstimate(s, l2, c * u2).Store(upper + 8);
            Vector256.MultiplyAddEstimate(s, l3, c * u3).Store(upper + 12);
            u0 = (c * l0) - (s * u0);
            u1 = (c * l1) - (s * u1);
            u2 = (c * l2) - (s * u2);
            u3 = (c * l3) - (s * u3);
            upper = lower;
        }

        u0.Store(upper);
        u1.Store(upper + 4);
        u2.Store(upper + 8);
        u3.Store(upper + 12);
    }

    /// <summary>Takes the tridiagonal matrix's eigenvectors back through the reflections, and orders them.</summary>
    private (double[] Values, double[] Vectors) Finish(double* slices)
    {
        int[] order = [.. Enumerable.Range(0, _size).OrderByDescending(i => _diagonal[i])];
        double[] vectors = new double[(long)_size * _size];
        int items = (_size + RowsPerItem - 1) / RowsPerItem, done = 0;
        fixed (double* result = vectors, a = _matrix)
        {
            double* target = result, matrix = a;
            _pool.Run(items, (item, _) =>
            {
                _cancellationToken.ThrowIfCancellationRequested();
                int end = Math.Min(_size, (item + 1) * RowsPerItem);
                for (int row = item * RowsPerItem; row < end; row++)
                {
                    Gather(slices, order[row], target + ((nint)row * _size));
                }

                // A row times the reflections, the last first. Several rows share what is loaded of each reflection.
                for (int k = _size - 2; k >= 0; k--)
                {
                    int first = k + 1, count = _size - first;
                    double* v = matrix + ((nint)k * _size) + first;
                    for (int row = item * RowsPerItem; _reflectionScale[k] != 0 && row < end; row++)
                    {
                        double* vector = target + ((nint)row * _size) + first;
                        AddScaled(vector, -_reflectionScale[k] * Dot(vector, v, count), v, count);
                    }
                }

                for (int row = item * RowsPerItem; row < end; row++)
                {
                    FixSign(new Span<double>(target + ((nint)row * _size), _size));
                }

                Report("eigenvectors", Interlocked.Increment(ref done), items);
            });
        }

        return ([.. order.Select(i => _diagonal[i])], vectors);
    }

    private void Gather(double* slices, int row, double* target)
    {
        for (int slice = 0; slice < SliceCount; slice++)
        {
            int count = Math.Min(SliceColumns, _size - (slice * SliceColumns));
            new Span<double>(slices + ((((nint)slice * _size) + row) * SliceColumns), count).CopyTo(new Span<double>(target + (slice * SliceColumns), count));
        }
    }

    // A vector and its opposite are both right; which one comes out must not hang on a rounding.
    private static void FixSign(Span<double> vector)
    {
        double largest = 0;
        foreach (double value in vector)
        {
            largest = Math.Abs(value) > Math.Abs(largest) ? value : largest;
        }

        if (largest < 0)
        {
            foreach (ref double value in vector)
            {
                value = -value;
            }
        }
    }

    private void ForRows(int first, Action<int, int> body)
    {
        int count = _size - first;
        if (count < SharedRows)
        {
            body(first, _size);
            return;
        }

        _pool.Run((count + RowsPerItem - 1) / RowsPerItem, (item, _) => body(first + (item * RowsPerItem), Math.Min(_size, first + ((item + 1) * RowsPerItem))));
    }

    private void Report(string step, double done, double total)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        _progress?.Invoke(step, done / total);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Dot(double* x, double* y, int count)
    {
        Vector256<double> s0 = Vector256<double>.Zero, s1 = Vector256<double>.Zero;
        int i = 0;
        for (; i <= count - 8; i += 8)
        {
            s0 = Vector256.MultiplyAddEstimate(Vector256.Load(x + i), Vector256.Load(y + i), s0);
            s1 = Vector256.MultiplyAddEstimate(Vector256.Load(x + i + 4), Vector256.Load(y + i + 4), s1);
        }

        double sum = Vector256.Sum(s0 + s1);
        for (; i < count; i++)
        {
            sum += x[i] * y[i];
        }

        return sum;
    }

    /// <summary>y += factor · x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddScaled(double* y, double factor, double* x, int count)
    {
        Vector256<double> f = Vector256.Create(factor);
        int i = 0;
        for (; i <= count - 4; i += 4)
        {
            Vector256.MultiplyAddEstimate(f, Vector256.Load(x + i), Vector256.Load(y + i)).Store(y + i);
        }

        for (; i < count; i++)
        {
            y[i] += factor * x[i];
        }
    }

    /// <summary>y -= a · p + b · q; returns y · x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double UpdateAndDot(double* y, double a, double* p, double b, double* q, double* x, int count)
    {
        Vector256<double> va = Vector256.Create(-a), vb = Vector256.Create(-b), s0 = Vector256<double>.Zero, s1 = Vector256<double>.Zero;
        int i = 0;
        for (; i <= count - 8; i += 8)
        {
            Vector256<double> y0 = Vector256.MultiplyAddEstimate(vb, Vector256.Load(q + i), Vector256.MultiplyAddEstimate(va, Vector256.Load(p + i), Vector256.Load(y + i)));
            Vector256<double> y1 = Vector256.MultiplyAddEstimate(vb, Vector256.Load(q + i + 4), Vector256.MultiplyAddEstimate(va, Vector256.Load(p + i + 4), Vector256.Load(y + i + 4)));
            y0.Store(y + i);
            y1.Store(y + i + 4);
            s0 = Vector256.MultiplyAddEstimate(y0, Vector256.Load(x + i), s0);
            s1 = Vector256.MultiplyAddEstimate(y1, Vector256.Load(x + i + 4), s1);
        }

        double sum = Vector256.Sum(s0 + s1);
        for (; i < count; i++)
        {
            y[i] -= (a * p[i]) + (b * q[i]);
            sum += y[i] * x[i];
        }

        return sum;
    }
}
