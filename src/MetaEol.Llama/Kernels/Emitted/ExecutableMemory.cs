using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MetaEol.Llama.Kernels.Emitted;

/// <summary>Machine code in memory of its own, which is writable first and executable after, and never both.</summary>
internal sealed unsafe partial class ExecutableMemory : SafeHandleZeroOrMinusOneIsInvalid
{
    private const int ProtectRead = 1, ProtectWrite = 2, ProtectExecute = 4;
    private const int MapPrivate = 2, MapAnonymousLinux = 0x20, MapAnonymousElsewhere = 0x1000;
    private const uint Commit = 0x1000, Reserve = 0x2000, Release = 0x8000;
    private const uint PageReadWrite = 0x04, PageExecuteRead = 0x20;

    private readonly nuint _length;

    private ExecutableMemory(nuint length)
        : base(ownsHandle: true) => _length = length;

    /// <summary>First byte of the code.</summary>
    public byte* Start => (byte*)handle;

    /// <summary>Copies code into executable memory.</summary>
    /// <exception cref="PlatformNotSupportedException">The operating system does not allow it; the message says what it refused.</exception>
    public static ExecutableMemory Create(ReadOnlySpan<byte> code)
    {
        nuint page = (nuint)Environment.SystemPageSize;
        var memory = new ExecutableMemory(((nuint)code.Length + page - 1) / page * page);
        try
        {
            memory.Allocate();
            code.CopyTo(new Span<byte>(memory.Start, code.Length));
            memory.MakeExecutable();
            return memory;
        }
        catch (Exception exception)
        {
            memory.Dispose();
            throw exception is DllNotFoundException or EntryPointNotFoundException
                ? new PlatformNotSupportedException($"The operating system's memory functions were not found: {exception.Message}", exception)
                : exception;
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => OperatingSystem.IsWindows() ? VirtualFree(handle, 0, Release) != 0 : MemoryUnmap(handle, _length) == 0;

    private void Allocate()
    {
        SetHandle(OperatingSystem.IsWindows()
            ? VirtualAlloc(0, _length, Commit | Reserve, PageReadWrite)
            : MemoryMap(0, _length, ProtectRead | ProtectWrite, MapPrivate | (OperatingSystem.IsLinux() ? MapAnonymousLinux : MapAnonymousElsewhere), -1, 0));
        ThrowIf(IsInvalid, $"gave no {_length} bytes of memory");
    }

    private void MakeExecutable() => ThrowIf(
        OperatingSystem.IsWindows() ? VirtualProtect(handle, _length, PageExecuteRead, out _) == 0 : MemoryProtect(handle, _length, ProtectRead | ProtectExecute) != 0,
        "did not let memory become executable");

    private static void ThrowIf(bool failed, string what)
    {
        if (failed)
        {
            throw new PlatformNotSupportedException($"The operating system {what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint MemoryMap(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int MemoryProtect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int MemoryUnmap(nint address, nuint length);

    [LibraryImport("kernel32", SetLastError = true)]
    private static partial nint VirtualAlloc(nint address, nuint length, uint type, uint protection);

    [LibraryImport("kernel32", SetLastError = true)]
    private static partial int VirtualProtect(nint address, nuint length, uint protection, out uint old);

    [LibraryImport("kernel32", SetLastError = true)]
    private static partial int VirtualFree(nint address, nuint length, uint type);
}
