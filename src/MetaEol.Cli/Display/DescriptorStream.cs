using System.Runtime.InteropServices;
using MetaEol.Cli.Files;

namespace MetaEol.Cli.Display;

/// <summary>
/// Writes to one of the process's own standard streams on Unix. In place of .NET's stream, which drops what is written into a pipe that nobody reads any more,
/// so that a long run would go on for nothing; and in place of a file stream, which keeps a position of its own where several processes write to one file.
/// </summary>
internal sealed class DescriptorStream(int descriptor, string name) : Stream
{
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
            nint written = LibC.Write(descriptor, in buffer[0], buffer.Length);
            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }

            int error = Marshal.GetLastPInvokeError();
            switch (error)
            {
                case LibC.Interrupted:
                    break;
                case LibC.AgainLinux or LibC.AgainMac:
                    // Somebody has set the stream not to block; it takes more as soon as its reader has read.
                    Thread.Sleep(5);
                    break;
                case LibC.BrokenPipe:
                    throw new ClosedPipeException(name);
                case LibC.BadDescriptor:
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
}
