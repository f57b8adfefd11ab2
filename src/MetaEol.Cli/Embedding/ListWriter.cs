using System.Buffers;
using System.Text.Json;

namespace MetaEol.Cli.Embedding;

/// <summary>A list in JSON lines beside an output, written with it batch by batch; there is no file as long as there is nothing in it.</summary>
internal sealed class ListWriter : IDisposable
{
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly string _path;
    private FileStream? _stream;

    /// <param name="path">Its file.</param>
    /// <param name="length">What of the file belongs to the list; the rest, which an interrupted run left, is cut off.</param>
    public ListWriter(string path, long length)
    {
        _path = path;
        if (length == 0)
        {
            File.Delete(path);
            return;
        }

        _stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, bufferSize: 0);
        if (_stream.Length < length)
        {
            long there = _stream.Length;
            _stream.Dispose();
            throw new ToolException($"'{path}' has {there} bytes and not the {length} that it had; --force starts over.");
        }

        _stream.SetLength(length);
        _stream.Position = length;
    }

    public long Length => _stream?.Length ?? 0;

    public void Write(Action<Utf8JsonWriter> entry)
    {
        _line.ResetWrittenCount();
        _stream ??= new FileStream(_path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, bufferSize: 0);
        using (Utf8JsonWriter json = new(_line, RowJson.WriterOptions))
        {
            json.WriteStartObject();
            entry(json);
            json.WriteEndObject();
        }

        _line.Write("\n"u8);
        _stream.Write(_line.WrittenSpan);
    }

    /// <summary>Makes what is written last.</summary>
    public void Flush() => _stream?.Flush(flushToDisk: true);

    public void Dispose() => _stream?.Dispose();
}
