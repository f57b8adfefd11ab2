using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;

namespace MetaEol.Llama.Kernels;

/// <summary>Cosines and sines of the rotary position embedding (Su et al., 2021), one row of each rotated pair's per position.</summary>
/// <remarks>Computed in double: float32 tables alone would cost up to 1.8e-6 of relative error.</remarks>
internal sealed unsafe class RotaryTable : IDisposable
{
    private readonly double[] _frequencies;
    private readonly double _amplitude;
    private readonly FloatBuffer _table = new();
    private int _positions;

    /// <param name="rotary">The rotary embedding.</param>
    /// <param name="lengthKey">The prompts' <see cref="RotaryFrequencies.LengthKey"/>.</param>
    public RotaryTable(RotaryParameters rotary, int lengthKey)
    {
        _frequencies = RotaryFrequencies.Compute(rotary, lengthKey);
        _amplitude = rotary.Amplitude;
    }

    /// <summary>Number of rotated pairs.</summary>
    public int Pairs => _frequencies.Length;

    /// <summary>The table of at least <paramref name="positions"/> positions: per position <see cref="Pairs"/> cosines, then as many sines.</summary>
    public float* Reserve(int positions)
    {
        if (positions <= _positions)
        {
            return _table.Pointer;
        }

        positions = (positions + 63) / 64 * 64;
        float* table = _table.Reserve((long)positions * 2 * Pairs);
        for (int position = 0; position < positions; position++)
        {
            float* row = table + ((long)position * 2 * Pairs);
            for (int i = 0; i < Pairs; i++)
            {
                (double sine, double cosine) = Math.SinCos(position * _frequencies[i]);
                row[i] = (float)(cosine * _amplitude);
                row[Pairs + i] = (float)(sine * _amplitude);
            }
        }

        _positions = positions;
        return table;
    }

    public void Dispose() => _table.Dispose();
}
