using MetaEol.Llama.Hub;

namespace MetaEol.Cli.Hub;

/// <summary>Puts downloaded files into the cache in the layout of Python's <c>huggingface_hub</c>.</summary>
internal static class HubCacheWriting
{
    public static string BlobPath(this HubCache cache, RepositoryId repository, string name) => Path.Combine(cache.RepositoryFolder(repository), "blobs", name);

    /// <summary>Notes which commit a branch or tag is.</summary>
    public static void WriteReference(this HubCache cache, RepositoryId repository, string commit)
    {
        if (!repository.IsCommit)
        {
            string path = cache.ReferencePath(repository);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            string temporary = $"{path}.{Guid.NewGuid():N}";
            File.WriteAllText(temporary, commit);
            File.Move(temporary, path, overwrite: true);
        }
    }

    /// <summary>Puts a blob into a snapshot: by a relative link as Python does, or by a copy where links cannot be made.</summary>
    public static void Link(this HubCache cache, RepositoryId repository, string commit, string fileName, string blobPath)
    {
        string path = Path.Combine(cache.SnapshotFolder(repository, commit), fileName);
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
}
