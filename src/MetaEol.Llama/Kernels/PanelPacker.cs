using System.Runtime.CompilerServices;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Kernels;

/// <summary>Copies a block of weight rows, widened and transposed, into a panel <c>[depth × 3 vectors]</c>: one column of W behind another.</summary>
internal static unsafe class PanelPacker<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    private static int Width => MatrixProduct.PanelVectors * TSimd.Lanes;

    /// <summary>Packs columns <paramref name="column"/> .. + <paramref name="depth"/> of the rows from <paramref name="row"/> on; rows beyond the last one become zeros.</summary>
    public static void Pack(LinearWeights weights, int row, int column, int depth, float* panel)
    {
        for (int group = 0; group < MatrixProduct.PanelVectors; group++)
        {
            int first = row + (group * TSimd.Lanes);
            float* destination = panel + (group * TSimd.Lanes);
            int part = weights.PartOf(Math.Min(first, weights.Outputs - 1));
            int rowInPart = first - weights.FirstRows[part];
            if (rowInPart + TSimd.Lanes <= weights.Parts[part].Rows)
            {
                PackGroup(weights.Parts[part], rowInPart, column, depth, destination);
            }
            else
            {
                PackEdge(weights, first, column, depth, destination);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackGroup(in WeightMatrix matrix, int row, int column, int depth, float* destination)
    {
        int elementSize = matrix.ElementSize;
        nint stride = (nint)matrix.Columns * elementSize;
        byte* source = matrix.Data + (row * stride) + ((nint)column * elementSize);
        int packed = matrix.Type switch
        {
            WeightType.Float32 => PackFloat32(source, stride, depth, destination),
            WeightType.Float16 => PackFloat16(source, stride, depth, destination),
            _ => PackBFloat16(source, stride, depth, destination),
        };
        for (int k = packed; k < depth; k++)
        {
            for (int lane = 0; lane < TSimd.Lanes; lane++)
            {
                destination[(k * Width) + lane] = WeightReader.Read(matrix, row + lane, column + k);
            }
        }
    }

    private static void PackEdge(LinearWeights weights, int row, int column, int depth, float* destination)
    {
        for (int lane = 0; lane < TSimd.Lanes; lane++)
        {
            if (row + lane >= weights.Outputs)
            {
                for (int k = 0; k < depth; k++)
                {
                    destination[(k * Width) + lane] = 0;
                }

                continue;
            }

            int part = weights.PartOf(row + lane);
            for (int k = 0; k < depth; k++)
            {
                destination[(k * Width) + lane] = WeightReader.Read(weights.Parts[part], row + lane - weights.FirstRows[part], column + k);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int PackFloat32(byte* source, nint stride, int depth, float* destination)
    {
        int k = 0;
        for (; k + TSimd.Lanes <= depth; k += TSimd.Lanes)
        {
            TSimd.Transpose(source + (k * sizeof(float)), stride, destination + (k * Width), Width);
        }

        return k;
    }

    // A pair of 16-bit numbers is transposed as one unit and taken apart afterwards: half the shuffles.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int PackBFloat16(byte* source, nint stride, int depth, float* destination)
    {
        float* pairs = stackalloc float[TSimd.Lanes * TSimd.Lanes];
        int k = 0;
        for (; k + (2 * TSimd.Lanes) <= depth; k += 2 * TSimd.Lanes)
        {
            TSimd.Transpose(source + (k * 2), stride, pairs, TSimd.Lanes);
            float* target = destination + (k * Width);
            for (int i = 0; i < TSimd.Lanes; i++)
            {
                TVector pair = TSimd.Load(pairs + (i * TSimd.Lanes));
                TSimd.Store(TSimd.LowerBFloat16(pair), target);
                TSimd.Store(TSimd.UpperBFloat16(pair), target + Width);
                target += 2 * Width;
            }
        }

        return k;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int PackFloat16(byte* source, nint stride, int depth, float* destination)
    {
        float* pairs = stackalloc float[TSimd.Lanes * TSimd.Lanes];
        int k = 0;
        for (; k + (2 * TSimd.Lanes) <= depth; k += 2 * TSimd.Lanes)
        {
            TSimd.Transpose(source + (k * 2), stride, pairs, TSimd.Lanes);
            float* target = destination + (k * Width);
            for (int i = 0; i < TSimd.Lanes; i++)
            {
                TVector pair = TSimd.Load(pairs + (i * TSimd.Lanes));
                TSimd.Store(TSimd.LowerFloat16(pair), target);
                TSimd.Store(TSimd.UpperFloat16(pair), target + Width);
                target += 2 * Width;
            }
        }

        return k;
    }
}
