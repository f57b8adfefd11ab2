namespace MetaEol.Cli.Files;

/// <summary>Follows links, so that two names of one file can be told to be the same.</summary>
internal static class RealPath
{
    /// <summary>A file or folder itself, if the path is a link to it; what the last link names, if that is not there.</summary>
    public static FileSystemInfo Resolve(string path)
    {
        FileInfo file = new(path);
        try
        {
            return file.ResolveLinkTarget(returnFinalTarget: true) ?? (Directory.Exists(path) ? new DirectoryInfo(path) : file);
        }
        catch (IOException)
        {
            // Links that lead in a circle lead to nothing.
            return file;
        }
    }

    /// <summary>The full path with all links followed, those of the folders above included.</summary>
    public static string Of(string path)
    {
        string full = Resolve(Path.GetFullPath(path)).FullName;
        return Path.GetDirectoryName(full) is { } folder ? Path.Combine(Folder(folder), Path.GetFileName(full)) : full;
    }

    private static string Folder(string folder)
    {
        if (Path.GetDirectoryName(folder) is not { } above)
        {
            return folder;
        }

        string here = Path.Combine(Folder(above), Path.GetFileName(folder));
        return Directory.Exists(here) && new DirectoryInfo(here) is { LinkTarget: not null } link && Resolve(link.FullName) is { } target && target.FullName != here ? Of(target.FullName) : here;
    }
}
