using System.Runtime.InteropServices;

namespace MetaEol.Cli.Files;

/// <summary>The few calls of Unix that .NET has no counterpart for.</summary>
internal static class LibC
{
    public const int Interrupted = 4, BadDescriptor = 9, AgainLinux = 11, Invalid = 22, BrokenPipe = 32, AgainMac = 35;

    /// <summary>Opens a file or folder to read, without waiting for whoever writes to it if it is a pipe.</summary>
    public static int OpenToLook(string path)
    {
        // O_RDONLY | O_NONBLOCK | O_CLOEXEC
        int flags = OperatingSystem.IsLinux() ? 0x800 | 0x80000 : 0x4 | 0x1000000;
        return Open(path, flags);
    }

    [DllImport("libc", EntryPoint = "write", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static extern nint Write(int descriptor, in byte buffer, nint count);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static extern int Flush(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static extern int Close(int descriptor);

    /// <summary>Puts another program in the place of this process; returns only if that fails.</summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">Its name, its arguments, and null at the end.</param>
    [DllImport("libc", EntryPoint = "execv", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static extern int Execute([MarshalAs(UnmanagedType.LPUTF8Str)] string path, [MarshalAs(UnmanagedType.LPArray, ArraySubType = UnmanagedType.LPStr)] string?[] arguments);

    [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);
}
