using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using MetaEol.Cli.Results;

namespace MetaEol.Cli.Embedding;

/// <summary>Writes vectors to a stream batch by batch. A matrix's header has a fixed length and gets the number of rows at the end, so that memory stays constant.</summary>
/// <param name="stream">Where to.</param>
/// <param name="format">How.</param>
/// <param name="dimensions">Values of a vector.</param>
/// <param name="printed">Whether the stream may be a terminal, so that what would steer it is escaped in JSON.</param>
internal sealed class VectorWriter(Stream stream, OutputFormat format, int dimensions, bool printed = false)
{
    private readonly ArrayBufferWriter<byte> _line = new();

    private const int NpyHeaderBytes = 128, SafetensorsHeaderBytes = 256;

    private int HeaderBytes => format switch { OutputFormat.Npy => NpyHeaderBytes, OutputFormat.Safetensors => SafetensorsHeaderBytes, _ => 0 };

    private int RowBytes => dimensions * sizeof(float);

    /// <summary>Begins a new file.</summary>
    public void Begin()
    {
        if (HeaderBytes > 0)
        {
            stream.Write(Header(0));
        }
    }

    /// <summary>Goes on behind what belongs to the file; the rest, which an interrupted run left, is cut off.</summary>
    /// <exception cref="ToolException">The file is shorter than that.</exception>
    public void Continue(long length)
    {
        if (stream.Length < length || length < HeaderBytes)
        {
            throw new ToolException($"The unfinished output has {stream.Length} bytes and not the {length} that it had; --force starts over.");
        }

        stream.SetLength(length);
        if (HeaderBytes > 0)
        {
            stream.Position = 0;
            stream.Write(Header(0));
        }

        stream.Position = length;
    }

    /// <param name="index">The number of the row.</param>
    /// <param name="row">What it is of.</param>
    /// <param name="vector">Its vector.</param>
    public void Write(long index, EmbedRow row, ReadOnlySpan<float> vector)
    {
        if (vector.Length != dimensions)
        {
            throw new InvalidOperationException($"Vector {index} has {vector.Length} values, not {dimensions}.");
        }

        if (format == OutputFormat.Jsonl)
        {
            WriteJson(row, vector);
        }
        else if (BitConverter.IsLittleEndian)
        {
            stream.Write(MemoryMarshal.AsBytes(vector));
        }
        else
        {
            Span<byte> bytes = stackalloc byte[sizeof(float)];
            foreach (float value in vector)
            {
                System.Buffers.Binary.BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
                stream.Write(bytes);
            }
        }
    }

    /// <summary>Completes the file.</summary>
    public void End(long rows)
    {
        if (HeaderBytes > 0)
        {
            stream.Position = 0;
            stream.Write(Header(rows));
        }

        stream.Flush();
    }

    private void WriteJson(EmbedRow row, ReadOnlySpan<float> vector)
    {
        _line.ResetWrittenCount();
        using (Utf8JsonWriter json = new(_line, RowJson.WriterOptions))
        {
            json.WriteStartObject();
            RowJson.WriteOrigin(json, row, number: null);
            json.WriteStartArray(RowJson.EmbeddingName);
            foreach (float value in vector)
            {
                json.WriteNumberValue(value);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        _line.Write("\n"u8);
        stream.Write(printed ? Encoding.UTF8.GetBytes(JsonResult.Escape(Encoding.UTF8.GetString(_line.WrittenSpan))) : _line.WrittenSpan);
    }

    private byte[] Header(long rows)
    {
        byte[] header = new byte[HeaderBytes];
        if (format == OutputFormat.Npy)
        {
            string description = string.Create(CultureInfo.InvariantCulture, $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {dimensions}), }}");
            int length = NpyHeaderBytes - 10;
            Encoding.Latin1.GetBytes("\u0093NUMPY\u0001\0" + (char)(length & 255) + (char)(length >> 8) + description.PadRight(length - 1) + "\n", header.AsSpan());
        }
        else
        {
            string description = string.Create(
                CultureInfo.InvariantCulture, $$$"""{"embeddings":{"dtype":"F32","shape":[{{{rows}}},{{{dimensions}}}],"data_offsets":[0,{{{rows * RowBytes}}}]}}""");
            System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(header, SafetensorsHeaderBytes - 8);
            Encoding.ASCII.GetBytes(description.PadRight(SafetensorsHeaderBytes - 8), header.AsSpan(8));
        }

        return header;
    }
}
