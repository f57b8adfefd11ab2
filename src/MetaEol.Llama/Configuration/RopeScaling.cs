namespace MetaEol.Llama.Configuration;

/// <summary>Parameters of rotary scaling, from <c>rope_scaling</c> (keys <c>type</c> or <c>rope_type</c>) or <c>rope_parameters</c>.</summary>
public sealed record RopeScaling
{
    /// <summary>The kind of scaling.</summary>
    public required RopeType Type { get; init; }

    /// <summary>The scaling factor (<c>factor</c>), at least 1; LongRoPE: context / context of pre-training.</summary>
    public required double Factor { get; init; }

    /// <summary>The context of pre-training in tokens (<c>original_max_position_embeddings</c>), or the model's context where the key is missing.</summary>
    public required int OriginalMaxPositionEmbeddings { get; init; }

    /// <summary>Llama 3: the low-frequency band begins at a wavelength of context / this (<c>low_freq_factor</c>).</summary>
    public double LowFrequencyFactor { get; init; } = 1;

    /// <summary>Llama 3: the high-frequency band ends at a wavelength of context / this (<c>high_freq_factor</c>).</summary>
    public double HighFrequencyFactor { get; init; } = 4;

    /// <summary>YaRN: rotations above which a frequency stays as it is (<c>beta_fast</c>).</summary>
    public double BetaFast { get; init; } = 32;

    /// <summary>YaRN: rotations below which a frequency is fully interpolated (<c>beta_slow</c>).</summary>
    public double BetaSlow { get; init; } = 1;

    /// <summary>
    /// The factor on cosines and sines: <c>attention_factor</c>, or for YaRN computed from <c>factor</c>, <c>mscale</c> and <c>mscale_all_dim</c>, for LongRoPE √(1 + ln(factor) / ln(context of
    /// pre-training)); 1 for all others.
    /// </summary>
    public double AttentionFactor { get; init; } = 1;

    /// <summary>YaRN: whether the borders of the ramp are rounded outwards to whole dimensions (<c>truncate</c>).</summary>
    public bool Truncate { get; init; } = true;

    /// <summary>LongRoPE: the divisor of each frequency for prompts of up to <see cref="OriginalMaxPositionEmbeddings"/> tokens (<c>short_factor</c>).</summary>
    public IReadOnlyList<double> ShortFactors { get; init; } = [];

    /// <summary>LongRoPE: the divisor of each frequency for longer prompts (<c>long_factor</c>).</summary>
    public IReadOnlyList<double> LongFactors { get; init; } = [];
}
