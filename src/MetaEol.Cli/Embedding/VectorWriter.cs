using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MetaEol.Cli.Embedding;

/// <summary>Writes vectors to a stream batch by batch. A matrix's header has a fixed length and gets the number of rows at the end, so that memory stays constant.</summary>
internal sealed class VectorWriter(Stream stream, OutputFormat format, int dimensions)
{
    private const int NpyHeaderBytes = 128, SafetensorsHeaderBytes = 256;
    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

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

    /// <summary>Finds what an interrupted run left: cuts the file behind its last whole batch, and returns the number of texts before that.</summary>
    public long Continue(int batchSize)
    {
        long rows = format == OutputFormat.Jsonl ? 0 : Math.Max(0, stream.Length - HeaderBytes) / RowBytes / batchSize * batchSize;
        if (format != OutputFormat.Jsonl)
        {
            stream.SetLength(HeaderBytes + (rows * RowBytes));
            stream.Position = 0;
            stream.Write(Header(0));
            stream.Position = stream.Length;
            return rows;
        }

        long position = 0, end = 0, lines = 0;
        byte[] buffer = new byte[1 << 16];
        stream.Position = 0;
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            for (int i = 0; i < read; i++)
            {
                position++;
                if (buffer[i] == '\n' && ++lines % batchSize == 0)
                {
                    (end, rows) = (position, lines);
                }
            }
        }

        stream.SetLength(end);
        stream.Position = end;
        return rows;
    }

    public void Write(long index, TextRecord record, ReadOnlySpan<float> vector)
    {
        if (vector.Length != dimensions)
        {
            throw new InvalidOperationException($"Vector {index} has {vector.Length} values, not {dimensions}.");
        }

        if (format == OutputFormat.Jsonl)
        {
            WriteJson(index, record, vector);
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

    private void WriteJson(long index, TextRecord record, ReadOnlySpan<float> vector)
    {
        using (Utf8JsonWriter json = new(stream, JsonOptions))
        {
            json.WriteStartObject();
            json.WriteNumber("index", index);
            if (record.File is not null)
            {
                json.WriteString("file", record.File);
            }
            else
            {
                json.WriteString("text", record.Text);
            }

            json.WriteStartArray("embedding");
            foreach (float value in vector)
            {
                json.WriteNumberValue(value);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        stream.Write("\n"u8);
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
