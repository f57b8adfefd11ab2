using MetaEol.Llama.Configuration;

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
        _frequencies = Frequencies(config, promptLength);
        _amplitude = config.RopeScaling?.AttentionFactor ?? 1;
        Half = config.HeadDimension / 2;
    }

    /// <summary>Half the head's width: number of rotated pairs.</summary>
    public int Half { get; }

    /// <summary>The length that decides about a prompt's frequencies: 0 unless the scaling is dynamic and the prompt longer than the model's context.</summary>
    public static int LengthKey(LlamaConfig config, int promptLength) =>
        config.RopeScaling?.Type == RopeType.Dynamic && promptLength > config.MaxPositionEmbeddings ? promptLength : 0;

    /// <summary>Inverse frequencies, one per rotated pair, in radians per token.</summary>
    public static double[] Frequencies(LlamaConfig config, int promptLength)
    {
        int dimension = config.HeadDimension;
        double theta = config.RopeTheta;
        RopeScaling? scaling = config.RopeScaling;
        if (scaling?.Type == RopeType.Dynamic)
        {
            double length = Math.Max(promptLength, config.MaxPositionEmbeddings);
            theta *= Math.Pow((scaling.Factor * length / config.MaxPositionEmbeddings) - (scaling.Factor - 1), dimension / (dimension - 2.0));
        }

        var frequencies = new double[dimension / 2];
        for (int i = 0; i < frequencies.Length; i++)
        {
            double frequency = Math.Pow(theta, -2.0 * i / dimension);
            frequencies[i] = scaling?.Type switch
            {
                RopeType.Linear => frequency / scaling.Factor,
                RopeType.Llama3 => Llama3(frequency, scaling),
                RopeType.Yarn => Yarn(frequency, i, config, scaling),
                _ => frequency,
            };
        }

        return frequencies;
    }

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

    private static double Llama3(double frequency, RopeScaling scaling)
    {
        double wavelength = 2 * Math.PI / frequency;
        double context = scaling.OriginalMaxPositionEmbeddings;
        if (wavelength < context / scaling.HighFrequencyFactor)
        {
            return frequency;
        }

        if (wavelength > context / scaling.LowFrequencyFactor)
        {
            return frequency / scaling.Factor;
        }

        double smooth = ((context / wavelength) - scaling.LowFrequencyFactor) / (scaling.HighFrequencyFactor - scaling.LowFrequencyFactor);
        return ((1 - smooth) * frequency / scaling.Factor) + (smooth * frequency);
    }

    private static double Yarn(double frequency, int index, LlamaConfig config, RopeScaling scaling)
    {
        double low = CorrectionDimension(scaling.BetaFast, config, scaling);
        double high = CorrectionDimension(scaling.BetaSlow, config, scaling);
        if (scaling.Truncate)
        {
            low = Math.Floor(low);
            high = Math.Ceiling(high);
        }

        low = Math.Max(low, 0);
        high = Math.Min(high, config.HeadDimension - 1);
        if (low == high)
        {
            high += 0.001;
        }

        double interpolated = Math.Clamp((index - low) / (high - low), 0, 1);
        return (interpolated * frequency / scaling.Factor) + ((1 - interpolated) * frequency);
    }

    // The dimension whose frequency makes this many rotations over the original context.
    private static double CorrectionDimension(double rotations, LlamaConfig config, RopeScaling scaling) =>
        config.HeadDimension * Math.Log(scaling.OriginalMaxPositionEmbeddings / (rotations * 2 * Math.PI)) / (2 * Math.Log(config.RopeTheta));
}
