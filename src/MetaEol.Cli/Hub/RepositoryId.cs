using System.Text.RegularExpressions;

namespace MetaEol.Cli.Hub;

/// <summary>A model on a hub: <c>organisation/name</c>, or a name alone, and a branch, tag or commit.</summary>
internal sealed partial record RepositoryId(string Name, string Revision)
{
    public const string DefaultRevision = "main";

    /// <summary>The folder of the model in the cache, as Python's <c>huggingface_hub</c> names it.</summary>
    public string CacheFolderName => $"models--{Name.Replace("/", "--", StringComparison.Ordinal)}";

    public bool IsCommit => IsCommitHash(Revision);

    public static bool IsCommitHash(string text) => CommitPattern().IsMatch(text);

    /// <summary>Reads <c>REPO[@REVISION]</c>; null if the text cannot be one.</summary>
    public static RepositoryId? TryParse(string text)
    {
        int at = text.IndexOf('@', StringComparison.Ordinal);
        string name = at < 0 ? text : text[..at], revision = at < 0 ? DefaultRevision : text[(at + 1)..];

        // Both become names of files, so that nothing may lead out of the cache's folder.
        return NamePattern().IsMatch(name) && name.Length <= 200 && !name.Contains("..", StringComparison.Ordinal) && !name.Contains("--", StringComparison.Ordinal)
            && RevisionPattern().IsMatch(revision) && revision.Length <= 200 && !revision.Split('/').Any(part => part is "." or ".." or "")
            ? new RepositoryId(name, revision)
            : null;
    }

    public override string ToString() => Revision == DefaultRevision ? Name : $"{Name}@{Revision}";

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._/-]*\z")]
    private static partial Regex RevisionPattern();

    [GeneratedRegex(@"\A[0-9a-f]{40}\z")]
    private static partial Regex CommitPattern();
}
