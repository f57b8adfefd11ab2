namespace MetaEol.Cli.Hub;

/// <summary>The cache shared with Python's <c>huggingface_hub</c>: <c>models--organisation--name/{blobs,refs,snapshots}</c>.</summary>
internal sealed class HubCache(string folder)
{
    public string Folder { get; } = folder;

    public string BlobPath(RepositoryId repository, string name) => Path.Combine(Folder, repository.CacheFolderName, "blobs", name);

    public string SnapshotFolder(RepositoryId repository, string commit) => Path.Combine(Folder, repository.CacheFolderName, "snapshots", commit);

    /// <summary>The downloaded snapshot of a model, or null.</summary>
    public string? Find(RepositoryId repository)
    {
        string? commit = repository.Revision;
        if (!repository.IsCommit)
        {
            string reference = ReferencePath(repository);
            commit = File.Exists(reference) ? File.ReadAllText(reference).Trim() : null;
        }

        // The snapshot counts once its weights are there: they are linked last.
        return commit is not null && RepositoryId.IsCommitHash(commit) && SnapshotFolder(repository, commit) is { } snapshot
            && Directory.Exists(snapshot) && Directory.EnumerateFiles(snapshot, "*.safetensors").Any() ? snapshot : null;
    }

    /// <summary>Notes which commit a branch or tag is.</summary>
    public void WriteReference(RepositoryId repository, string commit)
    {
        if (!repository.IsCommit)
        {
            string path = ReferencePath(repository);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            string temporary = $"{path}.{Guid.NewGuid():N}";
            File.WriteAllText(temporary, commit);
            File.Move(temporary, path, overwrite: true);
        }
    }

    /// <summary>Puts a blob into a snapshot: by a relative link as Python does, or by a copy where links cannot be made.</summary>
    public void Link(RepositoryId repository, string commit, string fileName, string blobPath)
    {
        string path = Path.Combine(SnapshotFolder(repository, commit), fileName);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string temporary = $"{path}.{Guid.NewGuid():N}";
        try
        {
            File.CreateSymbolicLink(temporary, Path.GetRelativePath(Path.GetDirectoryName(path)!, blobPath));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            File.Copy(blobPath, temporary);
        }

        File.Move(temporary, path, overwrite: true);
    }

    private string ReferencePath(RepositoryId repository) => Path.Combine([Folder, repository.CacheFolderName, "refs", .. repository.Revision.Split('/')]);
}
