using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MetaEol.Llama.Kernels;

/// <summary>Transposes matrices in memory.</summary>
internal static unsafe class LaneTransposer
{
    /// <summary>to[column][row] = from[row][column].</summary>
    /// <param name="from">The matrix.</param>
    /// <param name="fromStride">Floats from one of its rows to the next.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="to">The result, which lies elsewhere.</param>
    /// <param name="toStride">Floats from one row of it to the next.</param>
    public static void Transpose(float* from, nint fromStride, int rows, int columns, float* to, nint toStride)
    {
        if (Avx.IsSupported)
        {
            Transpose<Vector256<float>, Simd256>(from, fromStride, rows, columns, to, toStride);
        }
        else
        {
            Transpose<Vector128<float>, Simd128>(from, fromStride, rows, columns, to, toStride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose<TVector, TSimd>(float* from, nint fromStride, int rows, int columns, float* to, nint toStride)
        where TVector : struct
        where TSimd : struct, IPackingSimd<TVector>
    {
        int row = 0;
        for (; row <= rows - TSimd.Lanes; row += TSimd.Lanes)
        {
            int column = 0;
            for (; column <= columns - TSimd.Lanes; column += TSimd.Lanes)
            {
                TSimd.Transpose((byte*)(from + (row * fromStride) + column), fromStride * sizeof(float), to + (column * toStride) + row, toStride);
            }

            Plain(from, fromStride, row, row + TSimd.Lanes, column, columns, to, toStride);
        }

        Plain(from, fromStride, row, rows, 0, columns, to, toStride);
    }

    private static void Plain(float* from, nint fromStride, int row, int rows, int firstColumn, int columns, float* to, nint toStride)
    {
        for (; row < rows; row++)
        {
            for (int column = firstColumn; column < columns; column++)
            {
                to[(column * toStride) + row] = from[(row * fromStride) + column];
            }
        }
    }
}
