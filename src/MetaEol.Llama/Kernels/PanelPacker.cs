using System.Runtime.CompilerServices;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Kernels;

/// <summary>Copies a block of weight rows, widened and transposed, into a panel <c>[depth × width]</c>: one column of W behind another.</summary>
/// <remarks>While a block is packed, the one that the same worker needs next is asked for: its rows lie far apart, where the hardware does not look ahead.</remarks>
internal static unsafe class PanelPacker<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, IPackingSimd<TVector>
{
    /// <summary>Packs columns <paramref name="column"/> .. + <paramref name="depth"/> of the rows from <paramref name="row"/> on; rows beyond the last one become zeros.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="row">First row.</param>
    /// <param name="column">First column.</param>
    /// <param name="depth">Number of columns.</param>
    /// <param name="panel">Receives the panel.</param>
    /// <param name="width">Number of rows, a multiple of the vector's lanes.</param>
    /// <param name="panelsAhead">How many panels further down this worker probably continues after the last column.</param>
    public static void Pack(LinearWeights weights, int row, int column, int depth, float* panel, int width, int panelsAhead)
    {
        for (int group = 0; group < width / TSimd.Lanes; group++)
        {
            int first = row + (group * TSimd.Lanes);
            float* destination = panel + (group * TSimd.Lanes);
            int part = weights.PartOf(Math.Min(first, weights.Outputs - 1));
            int rowInPart = first - weights.FirstRows[part];
            if (rowInPart + TSimd.Lanes <= weights.Parts[part].Rows)
            {
                PackGroup(weights.Parts[part], rowInPart, column, depth, destination, width, panelsAhead);
            }
            else
            {
                PackEdge(weights, first, column, depth, destination, width);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackGroup(in WeightMatrix matrix, int row, int column, int depth, float* destination, int width, int panelsAhead)
    {
        int elementSize = matrix.ElementSize;
        nint stride = (nint)matrix.Columns * elementSize;
        byte* source = matrix.Data + (row * stride) + ((nint)column * elementSize);
        nint ahead = column + depth < matrix.Columns ? (nint)depth * elementSize : (panelsAhead * width * stride) - ((nint)column * elementSize);
        int packed = matrix.Type switch
        {
            WeightType.Float32 => PackFloat32(source, stride, depth, destination, width, ahead),
            WeightType.Float16 => PackFloat16(source, stride, depth, destination, width, ahead),
            _ => PackBFloat16(source, stride, depth, destination, width, ahead),
        };
        for (int k = packed; k < depth; k++)
        {
            for (int lane = 0; lane < TSimd.Lanes; lane++)
            {
                destination[(k * width) + lane] = WeightReader.Read(matrix, row + lane, column + k);
            }
        }
    }

    private static void PackEdge(LinearWeights weights, int row, int column, int depth, float* destination, int width)
    {
        for (int lane = 0; lane < TSimd.Lanes; lane++)
        {
            if (row + lane >= weights.Outputs)
            {
                for (int k = 0; k < depth; k++)
                {
                    destination[(k * width) + lane] = 0;
                }

                continue;
            }

            int part = weights.PartOf(row + lane);
            for (int k = 0; k < depth; k++)
            {
                destination[(k * width) + lane] = WeightReader.Read(weights.Parts[part], row + lane - weights.FirstRows[part], column + k);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int PackFloat32(byte* source, nint stride, int depth, float* destination, int width, nint ahead)
    {
        int k = 0;
        for (; k + TSimd.Lanes <= depth; k += TSimd.Lanes)
        {
            PrefetchColumn(source + (k * sizeof(float)) + ahead, stride);
            TSimd.Transpose(source + (k * sizeof(float)), stride, destination + (k * width), width);
        }

        return k;
    }

    // A pair of 16-bit numbers is transposed as one unit and taken apart afterwards: half the shuffles.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int PackBFloat16(byte* source, nint stride, int depth, float* destination, int width, nint ahead)
    {
        float* pairs = stackalloc float[TSimd.Lanes * TSimd.Lanes];
        int k = 0;
        for (; k + (2 * TSimd.Lanes) <= depth; k += 2 * TSimd.Lanes)
        {
            PrefetchColumn(source + (k * 2) + ahead, stride);
            TSimd.Transpose(source + (k * 2), stride, pairs, TSimd.Lanes);
            float* target = destination + (k * width);
            for (int i = 0; i < TSimd.Lanes; i++)
            {
                TVector pair = TSimd.Load(pairs + (i * TSimd.Lanes));
                TSimd.Store(TSimd.LowerBFloat16(pair), target);
                TSimd.Store(TSimd.UpperBFloat16(pair), target + width);
                target += 2 * width;
            }
        }

        return k;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int PackFloat16(byte* source, nint stride, int depth, float* destination, int width, nint ahead)
    {
        float* pairs = stackalloc float[TSimd.Lanes * TSimd.Lanes];
        int k = 0;
        for (; k + (2 * TSimd.Lanes) <= depth; k += 2 * TSimd.Lanes)
        {
            PrefetchColumn(source + (k * 2) + ahead, stride);
            TSimd.Transpose(source + (k * 2), stride, pairs, TSimd.Lanes);
            float* target = destination + (k * width);
            for (int i = 0; i < TSimd.Lanes; i++)
            {
                TVector pair = TSimd.Load(pairs + (i * TSimd.Lanes));
                TSimd.Store(TSimd.LowerFloat16(pair), target);
                TSimd.Store(TSimd.UpperFloat16(pair), target + width);
                target += 2 * width;
            }
        }

        return k;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchColumn(byte* source, nint stride)
    {
        for (int i = 0; i < TSimd.Lanes; i++)
        {
            TSimd.Prefetch(source + (i * stride));
        }
    }
}
