namespace MetaEol.Llama.ModelFiles;

/// <summary>Writes files that are there whole or not at all.</summary>
internal static class CompleteFile
{
    /// <summary>Writes a file under another name, and gives it its own when all of it is on the disk. What fails leaves the other behind.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="partial">Its name until then, in the same folder.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string path, string partial, Action<Stream> write)
    {
        using (FileStream stream = new(partial, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            write(stream);
            stream.Flush(flushToDisk: true);
        }

        File.Move(partial, path, overwrite: true);
    }
}
