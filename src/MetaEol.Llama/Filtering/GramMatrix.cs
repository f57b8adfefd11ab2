using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MetaEol.Llama.Kernels;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Filtering;

/// <summary>MᵀM of a tall weight matrix, in double precision: squaring loses the small singular values in float32.</summary>
/// <remarks>
/// The rows go by in blocks that are widened once, into panels of 12 columns; a tile of 4 × 12 sums stays in registers for the length of a block. Only the upper triangle is
/// computed. The result does not depend on the number of threads.
/// </remarks>
internal static unsafe class GramMatrix
{
    private const int PanelWidth = 12;
    private const int TileRows = 4;
    private const int BlockRows = 256;

    // Panels of rows of the result that share what was loaded of the columns.
    private const int ItemPanels = 4;

    /// <summary>Computes the matrix, <c>[columns × columns]</c>, row-major, symmetric.</summary>
    /// <param name="matrix">The matrix; its weights are leased.</param>
    /// <param name="pool">The threads.</param>
    /// <param name="progress">Receives how many rows are done.</param>
    /// <param name="cancellationToken">Checked before each block of rows.</param>
    public static double[] Compute(WeightMatrix matrix, WorkerPool pool, Action<int>? progress, CancellationToken cancellationToken)
    {
        int size = matrix.Columns;
        int panels = (size + PanelWidth - 1) / PanelWidth;
        nint stride = (nint)panels * PanelWidth;
        using var sums = new NativeBuffer((nuint)(stride * stride * sizeof(double)));
        using var packed = new NativeBuffer((nuint)(stride * BlockRows * sizeof(double)));
        double* c = (double*)sums.Data;
        double* block = (double*)packed.Data;
        for (nint row = 0; row < stride; row++)
        {
            new Span<double>(c + (row * stride), (int)stride).Clear();
        }

        for (int first = 0; first < matrix.Rows; first += BlockRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int rows = Math.Min(BlockRows, matrix.Rows - first), firstOfBlock = first;
            pool.Run(rows, (row, worker) => Pack(matrix, firstOfBlock, row, rows, block, (float*)pool.Scratch(worker, (nuint)stride * sizeof(float))));
            pool.Run((panels + ItemPanels - 1) / ItemPanels, (item, _) => AddProducts(block, rows, panels, item * ItemPanels, c, stride));
            progress?.Invoke(first + rows);
        }

        return Mirror(c, stride, size);
    }

    private static void Pack(WeightMatrix matrix, int first, int row, int rows, double* block, float* widened)
    {
        WeightReader.Read(matrix, first + row, 0, matrix.Columns, widened);
        for (int column = 0; column < matrix.Columns; column += PanelWidth)
        {
            double* target = block + ((nint)column * rows) + (row * PanelWidth);
            int count = Math.Min(PanelWidth, matrix.Columns - column);
            for (int i = 0; i < PanelWidth; i++)
            {
                target[i] = i < count ? widened[column + i] : 0;
            }
        }
    }

    private static void AddProducts(double* block, int rows, int panels, int firstPanel, double* c, nint stride)
    {
        nint panelLength = (nint)rows * PanelWidth;
        int endPanel = Math.Min(firstPanel + ItemPanels, panels);
        for (int right = firstPanel; right < panels; right++)
        {
            for (int left = firstPanel; left < Math.Min(endPanel, right + 1); left++)
            {
                for (int i = 0; i < PanelWidth; i += TileRows)
                {
                    AddTile(block + (left * panelLength) + i, block + (right * panelLength), rows, c + (((left * PanelWidth) + i) * stride) + (right * PanelWidth), stride);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTile(double* left, double* right, int rows, double* c, nint stride)
    {
        Vector256<double> s00 = Vector256.Load(c), s01 = Vector256.Load(c + 4), s02 = Vector256.Load(c + 8);
        Vector256<double> s10 = Vector256.Load(c + stride), s11 = Vector256.Load(c + stride + 4), s12 = Vector256.Load(c + stride + 8);
        Vector256<double> s20 = Vector256.Load(c + (2 * stride)), s21 = Vector256.Load(c + (2 * stride) + 4), s22 = Vector256.Load(c + (2 * stride) + 8);
        Vector256<double> s30 = Vector256.Load(c + (3 * stride)), s31 = Vector256.Load(c + (3 * stride) + 4), s32 = Vector256.Load(c + (3 * stride) + 8);
        for (int row = 0; row < rows; row++, left += PanelWidth, right += PanelWidth)
        {
            Vector256<double> b0 = Vector256.Load(right), b1 = Vector256.Load(right + 4), b2 = Vector256.Load(right + 8);
            Vector256<double> a = Vector256.Create(left[0]);
            s00 = Vector256.MultiplyAddEstimate(a, b0, s00);
            s01 = Vector256.MultiplyAddEstimate(a, b1, s01);
            s02 = Vector256.MultiplyAddEstimate(a, b2, s02);
            a = Vector256.Create(left[1]);
            s10 = Vector256.MultiplyAddEstimate(a, b0, s10);
            s11 = Vector256.MultiplyAddEstimate(a, b1, s11);
            s12 = Vector256.MultiplyAddEstimate(a, b2, s12);
            a = Vector256.Create(left[2]);
            s20 = Vector256.MultiplyAddEstimate(a, b0, s20);
            s21 = Vector256.MultiplyAddEstimate(a, b1, s21);
            s22 = Vector256.MultiplyAddEstimate(a, b2, s22);
            a = Vector256.Create(left[3]);
            s30 = Vector256.MultiplyAddEstimate(a, b0, s30);
            s31 = Vector256.MultiplyAddEstimate(a, b1, s31);
            s32 = Vector256.MultiplyAddEstimate(a, b2, s32);
        }

        s00.Store(c);
        s01.Store(c + 4);
        s02.Store(c + 8);
        s10.Store(c + stride);
        s11.Store(c + stride + 4);
        s12.Store(c + stride + 8);
        s20.Store(c + (2 * stride));
        s21.Store(c + (2 * stride) + 4);
        s22.Store(c + (2 * stride) + 8);
        s30.Store(c + (3 * stride));
        s31.Store(c + (3 * stride) + 4);
        s32.Store(c + (3 * stride) + 8);
    }

    private static double[] Mirror(double* upper, nint stride, int size)
    {
        double[] full = new double[(long)size * size];
        for (int row = 0; row < size; row++)
        {
            for (int column = row; column < size; column++)
            {
                double value = upper[(row * stride) + column];
                full[((long)row * size) + column] = value;
                full[((long)column * size) + row] = value;
            }
        }

        return full;
    }
}
