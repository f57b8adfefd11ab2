namespace MetaEol.Cli.Embedding;

/// <summary>What happens to a text that cannot be embedded as it is.</summary>
internal enum OnError
{
    /// <summary>Nothing is embedded, and the first such text named.</summary>
    Stop,

    /// <summary>It gets no row, and is listed.</summary>
    Skip,

    /// <summary>Where it is too long, it is cut until it fits, and listed; where it cannot be read, as <see cref="Stop"/>.</summary>
    Truncate,
}
