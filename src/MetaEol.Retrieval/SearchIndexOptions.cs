namespace MetaEol.Retrieval;

/// <summary>Options of a <see cref="SearchIndex"/>.</summary>
public sealed class SearchIndexOptions
{
    /// <summary>The configuration section that <c>AddMetaEolSearch()</c> reads.</summary>
    public const string SectionName = "MetaEolSearch";

    /// <summary>The index file, made at the first update; a relative path starts at the current directory. Null: the index is kept in memory.</summary>
    public string? Path { get; set; }

    /// <summary>The most tokens of a passage, at least 16; fewer where the model's context has no room for so many. Default: 256.</summary>
    public int MaxPassageTokens { get; set; } = 256;

    /// <summary>Where a paragraph is cut, how many tokens of whole sentences are repeated in the next passage at most; at most half of <see cref="MaxPassageTokens"/>. Default: 0.</summary>
    public int OverlapTokens { get; set; }

    /// <summary>Passages embedded at a time, at least 1: what an interruption can lose. Default: 32.</summary>
    public int BatchSize { get; set; } = 32;

    /// <summary>
    /// Whether the index keeps sparse vectors beside the others, which <see cref="SearchMode.Sparse"/> needs. Null (the default): where they come from the same pass through the model, which is where
    /// the generator is a <see cref="Extensions.MetaEolEmbeddingGenerator"/> over a model folder, and no other around it.
    /// </summary>
    public bool? Sparse { get; set; }

    /// <summary>
    /// What tells vectors of different generators apart. Null takes the fingerprint of a <see cref="Extensions.MetaEolEmbeddingGenerator"/>, and of another generator
    /// its provider, model and dimensions.
    /// </summary>
    public string? Fingerprint { get; set; }

    /// <summary>What the application wants to be kept with the index, such as the model's folder; given back by <see cref="SearchIndex.ReadInfo"/>. Every update writes it, unless it is empty.</summary>
    public IDictionary<string, string> Properties { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Passages up to which vectors are searched in float32; beyond, in 8 bits with an exact look at the best.</summary>
    internal int MostFloatVectors { get; set; } = 100_000;

    internal SearchIndexOptions Clone()
    {
        SearchIndexOptions clone = new()
        {
            Path = Path,
            MaxPassageTokens = MaxPassageTokens,
            OverlapTokens = OverlapTokens,
            BatchSize = BatchSize,
            Sparse = Sparse,
            Fingerprint = Fingerprint,
            MostFloatVectors = MostFloatVectors,
        };
        foreach ((string name, string value) in Properties)
        {
            clone.Properties.Add(name, value);
        }

        return clone;
    }

    /// <summary>What is wrong with the options, in words.</summary>
    internal IEnumerable<string> Failures()
    {
        if (Path is not null && (string.IsNullOrWhiteSpace(Path) || Path.Contains('\0')))
        {
            yield return $"{nameof(Path)} is blank or holds a zero character: write the path of a file, or leave it out for an index in memory.";
        }

        if (MaxPassageTokens < 16)
        {
            yield return $"{nameof(MaxPassageTokens)} is {MaxPassageTokens}: write 16 or more.";
        }

        if (OverlapTokens < 0 || OverlapTokens > MaxPassageTokens / 2)
        {
            yield return $"{nameof(OverlapTokens)} is {OverlapTokens}: write 0 to {Math.Max(0, MaxPassageTokens / 2)}, half of {nameof(MaxPassageTokens)}.";
        }

        if (BatchSize < 1)
        {
            yield return $"{nameof(BatchSize)} is {BatchSize}: write 1 or more.";
        }

        if (Fingerprint is not null && string.IsNullOrWhiteSpace(Fingerprint))
        {
            yield return $"{nameof(Fingerprint)} is blank: write a text, or leave it out.";
        }
    }
}
