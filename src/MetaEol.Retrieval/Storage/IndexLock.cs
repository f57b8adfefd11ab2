using System.Globalization;

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
            throw new IndexBusyException($"The index '{path}' is being updated by {Holder(name)}. Wait until that is done; it can be searched meanwhile.", exception);
        }

        catch (Exception exception) when (exception is UnauthorizedAccessException || exception.GetType() == typeof(IOException))
        {
            throw new IndexFileException($"The index '{path}' cannot be written: {exception.Message}", exception);
        }

        IndexLock taken = new(file);
        try
        {
            taken.Sign();
            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    public void Dispose() => _file.Dispose();

    // Who holds it, for those who come too late.
    private void Sign()
    {
        _file.SetLength(0);
        _file.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        _file.Flush();
    }

    private static string Holder(string name)
    {
        try
        {
            // Where the system's locks do not keep readers out.
            using FileStream file = new(name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] bytes = new byte[10];
            int length = file.Read(bytes);
            return int.TryParse(bytes.AsSpan(0, length), NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? $"process {id}" : "another process";
        }
        catch (IOException)
        {
            return "another process";
        }
    }
}
