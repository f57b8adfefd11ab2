using System.Runtime.InteropServices;

namespace MetaEol.Llama.Tests.Kernels;

/// <summary>Memory whose last byte lies right before a page that nobody may touch: what reads or writes beyond it ends the process.</summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private readonly nint _start;
    private readonly nuint _length;

    public GuardedMemory(int bytes)
    {
        nuint page = (nuint)Environment.SystemPageSize;
        nuint usable = ((nuint)bytes + page - 1) / page * page;
        _length = usable + page;
        bool failed;
        if (OperatingSystem.IsWindows())
        {
            _start = VirtualAlloc(0, _length, 0x3000, 0x04);
            failed = _start == 0 || VirtualProtect(_start + (nint)usable, page, 0x01, out _) == 0;
        }
        else
        {
            _start = MemoryMap(0, _length, 3, 2 | (OperatingSystem.IsLinux() ? 0x20 : 0x1000), -1, 0);
            failed = _start == -1 || MemoryProtect(_start + (nint)usable, page, 0) != 0;
        }

        Assert.False(failed);
        Data = (byte*)_start + usable - bytes;
        new Span<byte>((byte*)_start, (int)usable).Fill(0xFF);
    }

    public byte* Data { get; }

    public static GuardedMemory Of<T>(ReadOnlySpan<T> content)
        where T : unmanaged
    {
        var memory = new GuardedMemory(content.Length * sizeof(T));
        content.CopyTo(new Span<T>(memory.Data, content.Length));
        return memory;
    }

    public Span<T> AsSpan<T>(int count)
        where T : unmanaged => new(Data, count);

    public void Dispose() => Assert.True(OperatingSystem.IsWindows() ? VirtualFree(_start, 0, 0x8000) != 0 : MemoryUnmap(_start, _length) == 0);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint MemoryMap(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int MemoryProtect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int MemoryUnmap(nint address, nuint length);

    [LibraryImport("kernel32")]
    private static partial nint VirtualAlloc(nint address, nuint length, uint type, uint protection);

    [LibraryImport("kernel32")]
    private static partial int VirtualProtect(nint address, nuint length, uint protection, out uint old);

    [LibraryImport("kernel32")]
    private static partial int VirtualFree(nint address, nuint length, uint type);
}
