namespace MetaEol.Cli.Embedding;

/// <summary>The files of an output: what is written, with <c>.partial</c> until it is whole, and the lists beside it.</summary>
/// <param name="Output">The vectors.</param>
internal sealed record OutputPaths(string Output)
{
    /// <summary>Which row is of what.</summary>
    public string RowList => $"{Output}.rows.jsonl";

    /// <summary>What was skipped or cut.</summary>
    public string ProblemList => $"{Output}.problems.jsonl";

    /// <summary>What the finished output was made from.</summary>
    public string Description => $"{Output}.meta.json";

    /// <summary>The state of the unfinished output.</summary>
    public string State => $"{Partial(Output)}.json";

    /// <summary>All names that a run gives to files, or takes away.</summary>
    public IEnumerable<string> All => [Output, RowList, ProblemList, Description, Partial(Output), Partial(RowList), Partial(ProblemList), State];

    /// <summary>The name of a file while it is written.</summary>
    public static string Partial(string path) => $"{path}.partial";
}
