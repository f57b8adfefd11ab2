using MetaEol.Llama.Configuration;

namespace MetaEol.Llama.Encoding;

/// <summary>Frequencies of the rotary position embedding (Su et al., 2021) with the scaling that the configuration asks for.</summary>
public static class RotaryFrequencies
{
    /// <summary>The length that decides about a prompt's frequencies: 0 unless the scaling is dynamic and the prompt longer than the model's context.</summary>
    /// <remarks>Prompts of different keys have different keys and values even where their tokens are equal: what <c>EncodePlan.Create</c> takes as rotary key.</remarks>
    /// <param name="config">The configuration.</param>
    /// <param name="promptLength">The prompt's length in tokens.</param>
    public static int LengthKey(LlamaConfig config, int promptLength) =>
        config.RopeScaling?.Type == RopeType.Dynamic && promptLength > config.MaxPositionEmbeddings ? promptLength : 0;

    /// <summary>Inverse frequencies, <c>[head_dim / 2]</c>, one per rotated pair, in radians per token.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="promptLength">The prompt's length in tokens; matters for dynamic scaling only.</param>
    public static double[] Compute(LlamaConfig config, int promptLength)
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
