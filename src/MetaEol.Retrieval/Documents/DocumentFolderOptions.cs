namespace MetaEol.Retrieval.Documents;

/// <summary>Which files of a folder are documents.</summary>
public sealed record DocumentFolderOptions
{
    /// <summary>The endings that are read where nothing else is asked for.</summary>
    public static IReadOnlyList<string> DefaultExtensions { get; } = [".txt", ".text", ".md", ".markdown"];

    /// <summary>Endings of file names that are read, with or without the dot, upper and lower case alike. Files that end in <c>.md</c> or <c>.markdown</c> are read as Markdown.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = DefaultExtensions;

    /// <summary>
    /// Patterns as in a <c>.gitignore</c> file, relative to the folder (<c>docs/**</c>, <c>*.md</c>); where there are any, only files that match one are read.
    /// </summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Patterns as in a <c>.gitignore</c> file, relative to the folder; what matches is left out.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Whether <c>.gitignore</c> files in the folder, and the usual places of other people's files (<c>.git</c>, <c>node_modules</c>), are honoured. Default: true.</summary>
    public bool UseIgnoreFiles { get; init; } = true;

    /// <summary>The most bytes of a file that is read, at least 1; 16 MiB.</summary>
    public long MaxFileBytes { get; init; } = 16 << 20;
}
