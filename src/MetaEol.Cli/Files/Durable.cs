namespace MetaEol.Cli.Files;

/// <summary>Writes that are still there after the power has failed.</summary>
internal static class Durable
{
    /// <summary>Replaces a file by new content: whoever reads it, before or after a crash, finds the old or the new, and both whole.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        string temporary = $"{path}.new";
        using (FileStream stream = new(temporary, FileMode.Create, FileAccess.Write))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        FlushFolderOf(path);
    }

    /// <summary>Makes names that were given, changed or taken in a file's folder last. (Windows does so by itself.)</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public static void FlushFolderOf(string path)
    {
        if (OperatingSystem.IsWindows() || Path.GetDirectoryName(Path.GetFullPath(path)) is not { } folder)
        {
            return;
        }

        int descriptor = LibC.OpenToLook(folder);
        if (descriptor < 0)
        {
            // A folder in which one may write, but which one may not list, cannot be flushed.
            return;
        }

        bool failed = LibC.Flush(descriptor) != 0;
        int error = System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
        _ = LibC.Close(descriptor);

        // Some file systems know no flush of folders.
        if (failed && error != LibC.Invalid)
        {
            throw new IOException($"'{folder}' cannot be flushed to the disk: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(error)}.");
        }
    }
}
