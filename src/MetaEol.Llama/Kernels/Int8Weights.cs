using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Kernels;

/// <summary>The 8-bit weights of a product, each part in the layout of <see cref="Int8Layout"/>: where the model stores them so, as they lie in the mapped file, else quantized once and kept.</summary>
internal sealed unsafe class Int8Weights : IDisposable
{
    private readonly List<NativeBuffer> _owned = [];
    private readonly WeightMatrix[] _parts;

    /// <summary>Takes stored 8-bit weights as they are and quantizes all others, about one byte each.</summary>
    /// <param name="weights">The weights as stored in the model.</param>
    /// <param name="pool">The threads that do it.</param>
    public Int8Weights(LinearWeights weights, WorkerPool pool)
    {
        Depth = MatrixProduct.Int8Depth(weights.Inputs);
        Blocks = Int8Layout.Blocks(weights.Inputs);
        PaddedInputs = Int8Layout.PaddedColumns(weights.Inputs);
        _parts = Array.ConvertAll(weights.Parts, part => part.Type == WeightType.Int8 ? part : Quantize(part, pool));
    }

    /// <summary>Columns of a block.</summary>
    public int Depth { get; }

    /// <summary>Number of blocks.</summary>
    public int Blocks { get; }

    /// <summary>Columns, filled up with zeros to whole units of 4.</summary>
    public int PaddedInputs { get; }

    /// <summary>Columns of a block, filled up with zeros.</summary>
    public int DepthOf(int block) => Math.Min(Depth, PaddedInputs - (block * Depth));

    /// <summary>The numbers of a block, from a row of a part on that a panel or a whole fraction of one begins with.</summary>
    public byte* Numbers(int part, int row, int block)
    {
        (int panel, int lane) = Math.DivRem(row, Int8Layout.Width);
        return _parts[part].Data + (((((nint)panel * PaddedInputs) + ((nint)block * Depth)) * Int8Layout.Width) + (lane * Int8Layout.Step));
    }

    /// <summary>The scales of a block, from a row of a part on.</summary>
    public float* Scales(int part, int row, int block)
    {
        (int panel, int lane) = Math.DivRem(row, Int8Layout.Width);
        return _parts[part].Scales + ((((nint)panel * Blocks) + block) * Int8Layout.Width) + lane;
    }

    /// <inheritdoc/>
    public void Dispose() => _owned.ForEach(buffer => buffer.Dispose());

    private WeightMatrix Quantize(WeightMatrix matrix, WorkerPool pool)
    {
        int panels = Int8Layout.Panels(matrix.Rows);
        nint panelBytes = (nint)Int8Layout.PanelBytes(matrix.Columns), panelScales = (nint)Int8Layout.PanelScales(matrix.Columns);
        NativeBuffer numbers = Own(panels * panelBytes), scales = Own(panels * panelScales * sizeof(float));
        pool.Run(panels, (panel, _) => Int8Packer.PackPanel(matrix, panel, numbers.Data + (panel * panelBytes), (float*)scales.Data + (panel * panelScales)));
        return new WeightMatrix(numbers.Data, (float*)scales.Data, matrix.Rows, matrix.Columns);
    }

    private NativeBuffer Own(nint bytes)
    {
        var buffer = new NativeBuffer((nuint)bytes);
        _owned.Add(buffer);
        return buffer;
    }
}
