namespace MetaEol.Llama.Configuration;

/// <summary>How rotary frequencies are scaled for contexts longer than those of pre-training (<c>rope_type</c>).</summary>
public enum RopeType
{
    /// <summary>All frequencies divided by the factor.</summary>
    Linear,

    /// <summary>Dynamic NTK: the base grows with the prompt's length, beyond the model's context.</summary>
    Dynamic,

    /// <summary>Llama 3.1: three bands by wavelength, smooth in the middle.</summary>
    Llama3,

    /// <summary>YaRN (Peng et al., 2023): a ramp between interpolated and plain frequencies, and scaled cosines and sines.</summary>
    Yarn,

    /// <summary>LongRoPE (Ding et al., 2024): each frequency has its own divisor, one for prompts within the context of pre-training and one for longer ones, and scaled cosines and sines.</summary>
    LongRope,
}
