using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoding;

namespace MetaEol.Llama.Kernels;

/// <summary>Cosines and sines of the rotary position embedding (Su et al., 2021), one row of <c>head_dim / 2</c> each per position.</summary>
/// <remarks>Computed in double: float32 tables alone would cost up to 1.8e-6 of relative error.</remarks>
internal sealed unsafe class RotaryTable : IDisposable
{
    private readonly double[] _frequencies;
    private readonly double _amplitude;
    private readonly FloatBuffer _table = new();
    private int _positions;

    /// <param name="config">The configuration.</param>
    /// <param name="promptLength">The prompt's length in tokens; matters for dynamic scaling only.</param>
    public RotaryTable(LlamaConfig config, int promptLength)
    {
        _frequencies = RotaryFrequencies.Compute(config, promptLength);
        _amplitude = config.RopeScaling?.AttentionFactor ?? 1;
        Half = config.HeadDimension / 2;
    }

    /// <summary>Half the head's width: number of rotated pairs.</summary>
    public int Half { get; }

    /// <summary>The table of at least <paramref name="positions"/> positions: per position <see cref="Half"/> cosines, then as many sines.</summary>
    public float* Reserve(int positions)
    {
        if (positions <= _positions)
        {
            return _table.Pointer;
        }

        positions = (positions + 63) / 64 * 64;
        float* table = _table.Reserve((long)positions * 2 * Half);
        for (int position = 0; position < positions; position++)
        {
            float* row = table + ((long)position * 2 * Half);
            for (int i = 0; i < Half; i++)
            {
                (double sine, double cosine) = Math.SinCos(position * _frequencies[i]);
                row[i] = (float)(cosine * _amplitude);
                row[Half + i] = (float)(sine * _amplitude);
            }
        }

        _positions = positions;
        return table;
    }

    public void Dispose() => _table.Dispose();
}
