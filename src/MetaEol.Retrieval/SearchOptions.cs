namespace MetaEol.Retrieval;

/// <summary>What a search gives.</summary>
public sealed record SearchOptions
{
    /// <summary>The most passages wanted, 1 to 10,000. Default: 5.</summary>
    public int Top { get; init; } = 5;

    /// <summary>By what passages are ranked.</summary>
    public SearchMode Mode { get; init; } = SearchMode.Hybrid;

    /// <summary>Whether only the best passage of each document is given.</summary>
    public bool OnePerDocument { get; init; }

    /// <summary>
    /// How many of the best passages are ranked anew by how probable the model finds the question behind them, 0 (the default: none) to 10,000; those behind them follow as they are. Each costs a pass of the model over passage and
    /// question. Needs a <see cref="Extensions.MetaEolEmbeddingGenerator"/> over a model folder.
    /// </summary>
    public int Rerank { get; init; }

    internal const int MostTop = 10_000;

    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    internal void ThrowIfInvalid()
    {
        if (Top is < 1 or > MostTop)
        {
            throw new ArgumentException($"{nameof(Top)} is {Top}: write 1 to {MostTop}.");
        }

        if (Rerank is < 0 or > MostTop)
        {
            throw new ArgumentException($"{nameof(Rerank)} is {Rerank}: write 0 to {MostTop}.");
        }

        if (!Enum.IsDefined(Mode))
        {
            throw new ArgumentException($"{nameof(Mode)} is {Mode}: write {string.Join(", ", Enum.GetNames<SearchMode>())}.");
        }
    }
}
