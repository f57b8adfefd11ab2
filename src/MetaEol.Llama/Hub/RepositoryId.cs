using System.Text.RegularExpressions;

namespace MetaEol.Llama.Hub;

/// <summary>A model on a hub: <c>organisation/name</c>, or a name alone, and a branch, tag or commit.</summary>
/// <remarks>Both parts become names of files; only <see cref="TryParse"/> makes one, which lets nothing pass that leads out of a folder.</remarks>
public sealed partial record RepositoryId
{
    /// <summary>The revision where none is named.</summary>
    public const string DefaultRevision = "main";

    private RepositoryId(string name, string revision)
    {
        Name = name;
        Revision = revision;
    }

    /// <summary><c>organisation/name</c>, or a name alone.</summary>
    public string Name { get; }

    /// <summary>Branch, tag or commit.</summary>
    public string Revision { get; }

    /// <summary>Whether <see cref="Revision"/> is a commit's hash.</summary>
    public bool IsCommit => IsCommitHash(Revision);

    /// <summary>Whether a text is a commit's hash: 40 lower-case hexadecimal digits.</summary>
    /// <param name="text">The text.</param>
    public static bool IsCommitHash(string text) => CommitPattern().IsMatch(text);

    /// <summary>Reads <c>NAME[@REVISION]</c>.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The model, or null if the text cannot be one.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    public static RepositoryId? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int at = text.IndexOf('@', StringComparison.Ordinal);
        string name = at < 0 ? text : text[..at], revision = at < 0 ? DefaultRevision : text[(at + 1)..];
        return NamePattern().IsMatch(name) && name.Length <= 200 && !name.Contains("..", StringComparison.Ordinal) && !name.Contains("--", StringComparison.Ordinal)
            && RevisionPattern().IsMatch(revision) && revision.Length <= 200 && !revision.Split('/').Any(part => part is "." or ".." or "")
            ? new RepositoryId(name, revision)
            : null;
    }

    /// <summary>The text that <see cref="TryParse"/> reads: the revision only where it is not the default.</summary>
    public override string ToString() => Revision == DefaultRevision ? Name : $"{Name}@{Revision}";

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._/-]*\z")]
    private static partial Regex RevisionPattern();

    [GeneratedRegex(@"\A[0-9a-f]{40}\z")]
    private static partial Regex CommitPattern();
}
