using System.Runtime.InteropServices;

namespace MetaEol.Cli.Display;

/// <summary>
/// Writes to one of the process's own standard streams on Unix. In place of .NET's stream, which drops what is written into a pipe that nobody reads any more,
/// so that a long run would go on for nothing; and in place of a file stream, which keeps a position of its own where several processes write to one file.
/// </summary>
internal sealed class DescriptorStream(int descriptor, string name) : Stream
{
    private const int BrokenPipe = 32, Interrupted = 4, BadDescriptor = 9, AgainLinux = 11, AgainMac = 35;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <exception cref="ClosedPipeException">Nobody reads the pipe any more.</exception>
    /// <exception cref="IOException">The stream is closed, or its device full.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            nint written = NativeWrite(descriptor, in buffer[0], buffer.Length);
            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }

            int error = Marshal.GetLastPInvokeError();
            switch (error)
            {
                case Interrupted:
                    break;
                case AgainLinux or AgainMac:
                    // Somebody has set the stream not to block; it takes more as soon as its reader has read.
                    Thread.Sleep(5);
                    break;
                case BrokenPipe:
                    throw new ClosedPipeException(name);
                case BadDescriptor:
                    throw new IOException($"the {name} stream is closed, so that nothing can be written to it.");
                default:
                    throw new IOException($"the {name} stream cannot be written: {Marshal.GetPInvokeErrorMessage(error)}.");
            }
        }
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    [DllImport("libc", EntryPoint = "write", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern nint NativeWrite(int descriptor, in byte buffer, nint count);
}
