using MetaEol.Llama.Configuration;

namespace MetaEol.Llama.Encoders;

/// <summary>Frequencies of the rotary position embedding (Su et al., 2021) with the scaling that the configuration asks for.</summary>
public static class RotaryFrequencies
{
    /// <summary>
    /// What decides about a prompt's frequencies: 0 for most prompts; the prompt's length where the scaling is dynamic and the prompt longer than the model's context; 1 where it is LongRoPE and the prompt
    /// longer than the context of pre-training.
    /// </summary>
    /// <remarks>Prompts of different keys have different keys and values even where their tokens are equal: what <c>EncodePlan.Create</c> takes as rotary key.</remarks>
    /// <param name="config">The configuration.</param>
    /// <param name="promptLength">The prompt's length in tokens.</param>
    public static int LengthKey(LlamaConfig config, int promptLength)
    {
        ArgumentNullException.ThrowIfNull(config);
        foreach (RotaryParameters? rotary in config.Rotary)
        {
            if (rotary?.Scaling is { Type: RopeType.Dynamic or RopeType.LongRope } scaling && promptLength > scaling.OriginalMaxPositionEmbeddings)
            {
                return scaling.Type == RopeType.Dynamic ? promptLength : 1;
            }
        }

        return 0;
    }

    /// <summary>Inverse frequencies, one per rotated pair (<see cref="RotaryParameters.Pairs"/>), in radians per token.</summary>
    /// <param name="rotary">The layer's rotary embedding.</param>
    /// <param name="lengthKey">The prompt's <see cref="LengthKey"/>.</param>
    public static double[] Compute(RotaryParameters rotary, int lengthKey)
    {
        ArgumentNullException.ThrowIfNull(rotary);
        int dimension = rotary.Dimensions;
        double theta = rotary.Theta;
        RopeScaling? scaling = rotary.Scaling;
        if (scaling?.Type == RopeType.Dynamic)
        {
            double context = scaling.OriginalMaxPositionEmbeddings;
            theta *= Math.Pow((scaling.Factor * Math.Max(lengthKey, context) / context) - (scaling.Factor - 1), dimension / (dimension - 2.0));
        }

        var frequencies = new double[rotary.Pairs];
        for (int i = 0; i < frequencies.Length; i++)
        {
            double frequency = Math.Pow(theta, -2.0 * i / dimension);
            frequencies[i] = scaling?.Type switch
            {
                RopeType.Linear => frequency / scaling.Factor,
                RopeType.Llama3 => Llama3(frequency, scaling),
                RopeType.Yarn => Yarn(frequency, i, rotary, scaling),
                RopeType.LongRope => frequency / (lengthKey == 0 ? scaling.ShortFactors : scaling.LongFactors)[i],
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

    private static double Yarn(double frequency, int index, RotaryParameters rotary, RopeScaling scaling)
    {
        double low = CorrectionDimension(scaling.BetaFast, rotary, scaling);
        double high = CorrectionDimension(scaling.BetaSlow, rotary, scaling);
        if (scaling.Truncate)
        {
            low = Math.Floor(low);
            high = Math.Ceiling(high);
        }

        low = Math.Max(low, 0);
        high = Math.Min(high, rotary.Dimensions - 1);
        if (low == high)
        {
            high += 0.001;
        }

        double interpolated = Math.Clamp((index - low) / (high - low), 0, 1);
        return (interpolated * frequency / scaling.Factor) + ((1 - interpolated) * frequency);
    }

    // The dimension whose frequency makes this many rotations over the original context.
    private static double CorrectionDimension(double rotations, RotaryParameters rotary, RopeScaling scaling) =>
        rotary.Dimensions * Math.Log(scaling.OriginalMaxPositionEmbeddings / (rotations * 2 * Math.PI)) / (2 * Math.Log(rotary.Theta));
}
