namespace MetaEol.Extensions;

/// <summary>How vectors become those of fewer dimensions.</summary>
public enum DimensionFilterKind
{
    /// <summary>By the middle of the spectrum of the model's output head ("EmbedFilter", arXiv 2606.07502).</summary>
    Spectral,

    /// <summary>By a seeded random orthogonal projection.</summary>
    Random,

    /// <summary>Not at all: only the model's own number of dimensions is served.</summary>
    Off,
}
