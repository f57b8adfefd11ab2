using Microsoft.Data.Sqlite;

namespace MetaEol.Retrieval.Storage;

/// <summary>The right to change an index, held by one object of one process at a time. The system gives it back when the process ends, however it ends.</summary>
internal sealed class IndexLock : IDisposable
{
    /// <summary>What the lock file's name has behind the index's.</summary>
    public const string Suffix = "-lock";

    private readonly FileStream _file;

    private IndexLock(FileStream file) => _file = file;

    /// <param name="path">The index file's full path.</param>
    /// <exception cref="IndexBusyException">Another has it.</exception>
    public static IndexLock Take(string path)
    {
        string name = path + Suffix;
        FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        FileStream file;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            IndexFile.RefuseLinks(path);
            file = new FileStream(name, options);
        }
        catch (IOException exception) when (exception is not IndexFileException && File.Exists(name))
        {
            throw new IndexBusyException($"The index '{path}' is being updated by {Holder(path)}. Wait until that is done; it can be searched meanwhile.", exception);
        }

        catch (Exception exception) when (exception is UnauthorizedAccessException || exception.GetType() == typeof(IOException))
        {
            throw new IndexFileException($"The index '{path}' cannot be written: {exception.Message}", exception);
        }

        return new IndexLock(file);
    }

    public void Dispose() => _file.Dispose();

    // The lock file cannot tell: the system's locks keep readers out as well.
    private static string Holder(string path)
    {
        try
        {
            using IndexStore store = new(IndexFile.Open(path, canWrite: false));
            return store.WriterProcess is { } id ? $"process {id}" : "another process";
        }
        catch (Exception exception) when (exception is IOException or SqliteException || IndexFile.IsDamage(exception))
        {
            return "another process";
        }
    }
}
