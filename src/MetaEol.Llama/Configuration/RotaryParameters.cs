namespace MetaEol.Llama.Configuration;

/// <summary>The rotary position embedding of a layer (Su et al., 2021).</summary>
public sealed record RotaryParameters
{
    /// <summary>Base of the frequencies (<c>rope_theta</c>), more than 1.</summary>
    public required double Theta { get; init; }

    /// <summary>Number of dimensions of a head that are rotated, the first ones: <c>head_dim</c> · <c>partial_rotary_factor</c>, rounded down; at least 1.</summary>
    public required int Dimensions { get; init; }

    /// <summary>Scaling of the frequencies (<c>rope_scaling</c> or <c>rope_parameters</c>), or null for none.</summary>
    public RopeScaling? Scaling { get; init; }

    /// <summary>Number of rotated pairs: dimension i turns with dimension i + this.</summary>
    public int Pairs => (Dimensions + 1) / 2;

    /// <summary>The factor on cosines and sines.</summary>
    public double Amplitude => Scaling?.AttentionFactor ?? 1;
}
