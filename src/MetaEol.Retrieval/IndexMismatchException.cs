namespace MetaEol.Retrieval;

/// <summary>An index holds the vectors of another generator than the one that it is opened with: their vectors do not go together.</summary>
public sealed class IndexMismatchException : IndexFileException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which index, and what differs.</param>
    /// <param name="index">What the index says about itself.</param>
    public IndexMismatchException(string message, IndexInfo index)
        : base(message) => Index = index;

    /// <summary>What the index says about itself.</summary>
    public IndexInfo Index { get; }
}
