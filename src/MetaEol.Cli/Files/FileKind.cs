using System.Runtime.InteropServices;

namespace MetaEol.Cli.Files;

/// <summary>Tells regular files from pipes, devices and sockets, without opening them in a way that waits.</summary>
internal static class FileKind
{
    /// <summary>Whether a path is a regular file, or a link to one.</summary>
    public static bool IsRegular(string path)
    {
        FileSystemInfo target = RealPath.Resolve(path);
        if (target is not FileInfo { Exists: true } file)
        {
            return false;
        }

        // What is not regular has no length. An empty file is told by that it can be flushed to a disk.
        return file.Length > 0 || OperatingSystem.IsWindows() || CanBeFlushed(file.FullName);
    }

    private static bool CanBeFlushed(string path)
    {
        int descriptor = LibC.OpenToLook(path);
        if (descriptor < 0)
        {
            // A socket cannot be opened; whoever may not read a file learns that from the error at reading.
            return File.Exists(path) && Marshal.GetLastPInvokeError() is not 6 and not 102;
        }

        bool special = LibC.Flush(descriptor) != 0 && Marshal.GetLastPInvokeError() == LibC.Invalid;
        _ = LibC.Close(descriptor);
        return !special;
    }
}
