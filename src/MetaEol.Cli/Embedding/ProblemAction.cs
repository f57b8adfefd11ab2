namespace MetaEol.Cli.Embedding;

/// <summary>What is done with a text that cannot be embedded as it is.</summary>
internal enum ProblemAction
{
    /// <summary>The run ends.</summary>
    Stop,

    /// <summary>It gets no row.</summary>
    Skipped,

    /// <summary>Its end is cut off.</summary>
    Cut,
}
