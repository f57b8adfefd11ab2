using System.Runtime.CompilerServices;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Kernels;

/// <summary>Quantizes weights into the layout of <see cref="Int8Layout"/>. The same numbers on every machine.</summary>
internal static unsafe class Int8Packer
{
    /// <summary>Quantizes one panel.</summary>
    /// <param name="matrix">The weights as stored.</param>
    /// <param name="panel">Index of the panel.</param>
    /// <param name="numbers">Receives <see cref="Int8Layout.PanelBytes"/> numbers.</param>
    /// <param name="scales">Receives <see cref="Int8Layout.PanelScales"/> scales; NaN where a weight is not finite.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackPanel(in WeightMatrix matrix, int panel, byte* numbers, float* scales)
    {
        int depth = MatrixProduct.Int8Depth(matrix.Columns);
        float* row = stackalloc float[depth];
        sbyte* quantized = stackalloc sbyte[depth];
        int rows = Math.Min(Int8Layout.Width, matrix.Rows - (panel * Int8Layout.Width));
        for (int column = 0; column < matrix.Columns; column += depth, scales += Int8Layout.Width)
        {
            int count = Math.Min(depth, matrix.Columns - column);
            int steps = Int8Layout.PaddedColumns(count) / Int8Layout.Step;
            for (int lane = 0; lane < Int8Layout.Width; lane++)
            {
                new Span<sbyte>(quantized + count, depth - count).Clear();
                if (lane < rows)
                {
                    WeightReader.Read(matrix, (panel * Int8Layout.Width) + lane, column, count, row);
                    scales[lane] = Int8Quantizer.Quantize(row, count, quantized, out _);
                }
                else
                {
                    new Span<sbyte>(quantized, count).Clear();
                    scales[lane] = 0;
                }

                // Numbers in -127 .. 127 with 128 added: the highest bit turned over.
                uint* source = (uint*)quantized;
                uint* target = (uint*)numbers + lane;
                for (int step = 0; step < steps; step++)
                {
                    target[step * Int8Layout.Width] = source[step] ^ 0x80808080;
                }
            }

            numbers += (nint)steps * Int8Layout.StepBytes;
        }
    }
}
