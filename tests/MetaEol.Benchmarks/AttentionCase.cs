using MetaEol.Llama.Kernels;

namespace MetaEol.Benchmarks;

/// <summary>Attention of rows in branches of equal length under one shared prefix, with random queries, keys and values.</summary>
internal sealed unsafe class AttentionCase : IDisposable
{
    private readonly AttentionShape _shape;
    private readonly FloatBuffer[] _scratch;
    private readonly FloatBuffer _queries;
    private readonly FloatBuffer _keys;
    private readonly FloatBuffer _values;
    private readonly FloatBuffer _output;
    private readonly KeyRange[] _ranges;
    private readonly int[] _rows;
    private readonly int[] _segments;
    private readonly int[] _positions;

    public AttentionCase(ModelShape model, int prefix, int branch, int rows, int threads)
    {
        _shape = new AttentionShape(model.Heads, model.KeyValueHeads, model.HeadDimension, int.MaxValue, (float)(1 / Math.Sqrt(model.HeadDimension)));
        _scratch = new FloatBuffer[threads];
        for (int i = 0; i < threads; i++)
        {
            _scratch[i] = new FloatBuffer();
        }

        int width = _shape.KeyValueWidth;
        _queries = Random((long)rows * _shape.QueryWidth);
        _keys = Random((long)(prefix + rows) * width);
        _values = Random((long)(prefix + rows) * width);
        _output = new FloatBuffer();
        _output.Reserve((long)rows * _shape.QueryWidth);
        _rows = [.. Enumerable.Range(0, rows)];
        _segments = new int[rows];
        _positions = new int[rows];
        var ranges = new List<KeyRange>();
        if (prefix > 0)
        {
            ranges.Add(new KeyRange((nint)_keys.Pointer, (nint)_values.Pointer, prefix, 0, 0, rows, 0, -1));
        }

        int parent = ranges.Count - 1;
        for (int first = 0; first < rows; first += branch)
        {
            int length = Math.Min(branch, rows - first);
            nint offset = (nint)(prefix + first) * width;
            for (int i = 0; i < length; i++)
            {
                _segments[first + i] = ranges.Count;
                _positions[first + i] = prefix + i;
            }

            ranges.Add(new KeyRange((nint)(_keys.Pointer + offset), (nint)(_values.Pointer + offset), length, prefix, first, first + length, length, parent));
        }

        _ranges = [.. ranges];
        Operations = 4.0 * _shape.QueryWidth * Enumerable.Range(0, rows).Sum(row => _positions[row] + 1L);
    }

    /// <summary>Operations of the two products, without what causality leaves out.</summary>
    public double Operations { get; }

    public void Run(WorkerPool pool) =>
        SegmentAttention.Run(pool, _scratch, _shape, _ranges, _rows, _segments, _positions, _queries.Pointer, _shape.QueryWidth, _output.Pointer);

    public void Dispose()
    {
        foreach (FloatBuffer buffer in (FloatBuffer[])[_queries, _keys, _values, _output, .. _scratch])
        {
            buffer.Dispose();
        }
    }

    private static FloatBuffer Random(long count)
    {
        var random = new Random(2);
        var buffer = new FloatBuffer();
        buffer.Reserve(count);
        for (long i = 0; i < count; i++)
        {
            buffer.Pointer[i] = random.NextSingle() - 0.5f;
        }

        return buffer;
    }
}
