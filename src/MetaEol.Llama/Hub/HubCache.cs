using System.Text;
using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Hub;

/// <summary>The cache of downloaded models that is shared with Python's <c>huggingface_hub</c>: <c>models--organisation--name/{blobs,refs,snapshots}</c>.</summary>
public sealed class HubCache
{
    // A commit's hash has 40 characters.
    private const int LongestReference = 1024;

    /// <summary>Opens a cache; nothing is read yet.</summary>
    /// <param name="folder">The folder that holds the models' folders; it need not exist.</param>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is null or empty.</exception>
    public HubCache(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Folder = Path.GetFullPath(folder);
    }

    /// <summary>Full path of the folder that holds the models' folders.</summary>
    public string Folder { get; }

    /// <summary>The cache that the environment names: <c>HF_HUB_CACHE</c>, or <c>hub</c> in <see cref="HomeFolder"/>.</summary>
    /// <param name="variable">Reads an environment variable; null reads the process's.</param>
    public static HubCache FromEnvironment(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        return new HubCache(Expand(Value(variable, "HF_HUB_CACHE") ?? Value(variable, "HUGGINGFACE_HUB_CACHE")) ?? Path.Combine(HomeFolder(variable), "hub"));
    }

    /// <summary>The folder of Hugging Face's tools: <c>HF_HOME</c>, or <c>huggingface</c> in <c>XDG_CACHE_HOME</c> or <c>~/.cache</c>.</summary>
    /// <param name="variable">Reads an environment variable; null reads the process's.</param>
    public static string HomeFolder(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        return Expand(Value(variable, "HF_HOME")) ?? Path.Combine(
            Expand(Value(variable, "XDG_CACHE_HOME")) ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "huggingface");
    }

    /// <summary>The folder of a model in the cache, as <c>huggingface_hub</c> names it.</summary>
    /// <param name="repository">The model.</param>
    public string RepositoryFolder(RepositoryId repository)
    {
        ArgumentNullException.ThrowIfNull(repository);
        return Path.Combine(Folder, $"models--{repository.Name.Replace("/", "--", StringComparison.Ordinal)}");
    }

    /// <summary>The folder of a model's files at a commit.</summary>
    /// <param name="repository">The model.</param>
    /// <param name="commit">The commit's hash.</param>
    public string SnapshotFolder(RepositoryId repository, string commit) => Path.Combine(RepositoryFolder(repository), "snapshots", commit);

    /// <summary>The file that holds which commit a model's branch or tag is.</summary>
    /// <param name="repository">The model and its branch or tag.</param>
    public string ReferencePath(RepositoryId repository) => Path.Combine([RepositoryFolder(repository), "refs", .. repository.Revision.Split('/')]);

    /// <summary>Finds a downloaded model.</summary>
    /// <param name="repository">The model and its revision.</param>
    /// <returns>The folder of its files, or null if it is not there with its weights.</returns>
    /// <exception cref="InvalidModelException">The file that names the model's commit is empty, too long, no regular file, or cannot be read.</exception>
    /// <exception cref="IOException">The cache cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The cache must not be read.</exception>
    public string? Find(RepositoryId repository)
    {
        ArgumentNullException.ThrowIfNull(repository);
        string? commit = repository.Revision;
        if (!repository.IsCommit)
        {
            string reference = ReferencePath(repository);
            commit = File.Exists(reference) ? Encoding.UTF8.GetString(ModelFile.ReadAll(reference, LongestReference, "expected a commit's hash; download the model again")).Trim() : null;
        }

        // The snapshot counts once its weights are there: they are linked last.
        return commit is not null && RepositoryId.IsCommitHash(commit) && SnapshotFolder(repository, commit) is { } snapshot
            && Directory.Exists(snapshot) && Directory.EnumerateFiles(snapshot, "*.safetensors").Any() ? snapshot : null;
    }

    private static string? Value(Func<string, string?> variable, string name) => variable(name) is { Length: > 0 } value ? value : null;

    private static string? Expand(string? path) => path is null ? null
        : path == "~" || path.StartsWith("~/", StringComparison.Ordinal) ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..]
        : path;
}
