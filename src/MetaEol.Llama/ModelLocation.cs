using MetaEol.Llama.Hub;
using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama;

/// <summary>Where a model is on this machine.</summary>
/// <param name="Folder">Full path of its folder.</param>
/// <param name="Name">The name the model goes by: the folder's, or the one it has on the hub.</param>
public sealed record ModelLocation(string Folder, string Name)
{
    /// <summary>Finds a model by the path of its folder, or by its name on a hub if it was downloaded.</summary>
    /// <param name="pathOrName">
    /// A path, or a name such as <c>meta-llama/Llama-3.2-1B</c> or <c>name@revision</c>. A folder comes before a
    /// name.
    /// </param>
    /// <param name="baseFolder">Where a relative path starts; null takes the current directory.</param>
    /// <param name="cache">Where a name is looked up; null takes the cache that <see cref="HubCache.FromEnvironment"/> names.</param>
    /// <returns>The folder; whether it holds a model that can be used is not looked at.</returns>
    /// <exception cref="ArgumentException"><paramref name="pathOrName"/> is null or empty, or holds what a path must not.</exception>
    /// <exception cref="DirectoryNotFoundException">There is neither, or a file in the folder's place; the message says where it was looked for, and what to do.</exception>
    /// <exception cref="InvalidModelException">The cache's file that names the model's commit is empty, too long, no regular file, or cannot be read.</exception>
    /// <exception cref="IOException">The cache cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The cache must not be read.</exception>
    public static ModelLocation Find(string pathOrName, string? baseFolder = null, HubCache? cache = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(pathOrName);
        if (pathOrName.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("The path of a model must not hold the character NUL.", nameof(pathOrName));
        }

        // A full path needs no current directory, which may have been removed.
        string folder = Path.IsPathFullyQualified(pathOrName) ? Path.GetFullPath(pathOrName) : Path.GetFullPath(pathOrName, Path.GetFullPath(baseFolder ?? "."));
        if (Directory.Exists(folder))
        {
            return new ModelLocation(folder, Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)));
        }

        if (Path.Exists(folder))
        {
            throw new DirectoryNotFoundException(ModelFolder.FindFault(folder));
        }

        if (RepositoryId.TryParse(pathOrName) is not { } repository)
        {
            throw new DirectoryNotFoundException(
                $"There is no folder {ModelFile.QuotePath(folder)}: write the path of a Hugging Face model folder, or the name of a downloaded model such as meta-llama/Llama-3.2-1B.");
        }

        cache ??= HubCache.FromEnvironment();
        return cache.Find(repository) is { } snapshot
            ? new ModelLocation(snapshot, repository.ToString())
            : throw new DirectoryNotFoundException(
                $"There is no folder {ModelFile.QuotePath(folder)}, and no downloaded model of that name in {ModelFile.QuotePath(cache.Folder)}: write the path of a Hugging Face model folder, or download the model with: metaeol pull {repository}");
    }
}
