namespace MetaEol.Llama.Tests.Filtering;

/// <summary>The plain reference: Jacobi's rotations until nothing is left beside the diagonal.</summary>
internal static class JacobiEigen
{
    /// <summary>Eigenvalues, falling, and eigenvectors as rows.</summary>
    public static (double[] Values, double[][] Vectors) Decompose(double[] matrix, int size)
    {
        double[,] a = new double[size, size];
        double[][] v = new double[size][];
        for (int i = 0; i < size; i++)
        {
            v[i] = new double[size];
            v[i][i] = 1;
            for (int j = 0; j < size; j++)
            {
                a[i, j] = matrix[(i * size) + j];
            }
        }

        for (int sweep = 0; sweep < 60; sweep++)
        {
            for (int p = 0; p < size; p++)
            {
                for (int q = p + 1; q < size; q++)
                {
                    if (a[p, q] != 0)
                    {
                        Rotate(a, v, size, p, q);
                    }
                }
            }
        }

        int[] order = [.. Enumerable.Range(0, size).OrderByDescending(i => a[i, i])];
        return ([.. order.Select(i => a[i, i])], [.. order.Select(i => v[i])]);
    }

    private static void Rotate(double[,] a, double[][] v, int size, int p, int q)
    {
        double theta = (a[q, q] - a[p, p]) / (2 * a[p, q]);
        double t = double.IsInfinity(theta) ? 0 : Math.CopySign(1, theta) / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1));
        double c = 1 / Math.Sqrt((t * t) + 1), s = t * c;
        for (int k = 0; k < size; k++)
        {
            (a[k, p], a[k, q]) = ((c * a[k, p]) - (s * a[k, q]), (s * a[k, p]) + (c * a[k, q]));
        }

        for (int k = 0; k < size; k++)
        {
            (a[p, k], a[q, k]) = ((c * a[p, k]) - (s * a[q, k]), (s * a[p, k]) + (c * a[q, k]));
            (v[p][k], v[q][k]) = ((c * v[p][k]) - (s * v[q][k]), (s * v[p][k]) + (c * v[q][k]));
        }
    }
}
