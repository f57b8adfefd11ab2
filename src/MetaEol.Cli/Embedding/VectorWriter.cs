using System.Buffers;
using System.Buffers.Binary;
using System.Collections;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using MetaEol.Cli.Results;
using MetaEol.Extensions.SmallVectors;

namespace MetaEol.Cli.Embedding;

/// <summary>Writes vectors to a stream batch by batch. A matrix's header has a fixed length and gets the number of rows at the end, so that memory stays constant.</summary>
/// <param name="stream">Where to.</param>
/// <param name="format">How.</param>
/// <param name="dimensions">Values of a vector.</param>
/// <param name="type">The numbers of a vector.</param>
/// <param name="printed">Whether the stream may be a terminal, so that what would steer it is escaped in JSON.</param>
internal sealed class VectorWriter(Stream stream, OutputFormat format, int dimensions, VectorType type, bool printed = false)
{
    private readonly ArrayBufferWriter<byte> _line = new();

    private const int NpyHeaderBytes = 128, SafetensorsHeaderBytes = 256;

    private int HeaderBytes => format switch { OutputFormat.Npy => NpyHeaderBytes, OutputFormat.Safetensors => SafetensorsHeaderBytes, _ => 0 };

    // Bits are packed into whole bytes.
    private int Columns => type == VectorType.Binary ? (dimensions + 7) / 8 : dimensions;

    private int RowBytes => Columns * type switch { VectorType.Float32 => sizeof(float), VectorType.Float16 => sizeof(ushort), _ => 1 };

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
        else
        {
            stream.Write(Bytes(vector));
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
            WriteNumbers(json, vector);
            json.WriteEndObject();
        }

        _line.Write("\n"u8);
        stream.Write(printed ? Encoding.UTF8.GetBytes(JsonResult.Escape(Encoding.UTF8.GetString(_line.WrittenSpan))) : _line.WrittenSpan);
    }

    private void WriteNumbers(Utf8JsonWriter json, ReadOnlySpan<float> vector)
    {
        if (type == VectorType.Binary)
        {
            // As BinaryEmbedding is written, and as a bit string of PostgreSQL.
            json.WriteString(RowJson.EmbeddingName, string.Concat(SmallVector.ToBits(vector).Cast<bool>().Select(bit => bit ? '1' : '0')));
            return;
        }

        float scale = 0;
        json.WriteStartArray(RowJson.EmbeddingName);
        switch (type)
        {
            case VectorType.Int8:
                Array.ForEach(SmallVector.ToInt8(vector, out scale), value => json.WriteNumberValue(value));
                break;
            case VectorType.Float16:
                // The shortest text that half precision reads as the same number.
                Array.ForEach(SmallVector.ToHalf(vector), value => json.WriteRawValue(value.ToString("R", CultureInfo.InvariantCulture)));
                break;
            default:
                foreach (float value in vector)
                {
                    json.WriteNumberValue(value);
                }

                break;
        }

        json.WriteEndArray();
        if (type == VectorType.Int8)
        {
            json.WriteNumber(RowJson.ScaleName, scale);
        }
    }

    /// <summary>A row of a matrix, little-endian; bits as NumPy's packbits packs them, the first the highest.</summary>
    private byte[] Bytes(ReadOnlySpan<float> vector)
    {
        byte[] bytes = new byte[RowBytes];
        switch (type)
        {
            case VectorType.Float32:
                for (int i = 0; i < vector.Length; i++)
                {
                    BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
                }

                break;
            case VectorType.Float16:
                Half[] halves = SmallVector.ToHalf(vector);
                for (int i = 0; i < halves.Length; i++)
                {
                    BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(i * sizeof(ushort)), halves[i]);
                }

                break;
            case VectorType.Int8:
                MemoryMarshal.AsBytes<sbyte>(SmallVector.ToInt8(vector, out _)).CopyTo(bytes);
                break;
            default:
                BitArray bits = SmallVector.ToBits(vector);
                for (int i = 0; i < bits.Length; i++)
                {
                    bytes[i / 8] |= (byte)((bits[i] ? 0x80 : 0) >> (i % 8));
                }

                break;
        }

        return bytes;
    }

    private byte[] Header(long rows)
    {
        byte[] header = new byte[HeaderBytes];
        if (format == OutputFormat.Npy)
        {
            string description = string.Create(CultureInfo.InvariantCulture, $"{{'descr': '{NpyType()}', 'fortran_order': False, 'shape': ({rows}, {Columns}), }}");
            int length = NpyHeaderBytes - 10;
            Encoding.Latin1.GetBytes("\u0093NUMPY\u0001\0" + (char)(length & 255) + (char)(length >> 8) + description.PadRight(length - 1) + "\n", header.AsSpan());
        }
        else
        {
            string description = string.Create(
                CultureInfo.InvariantCulture, $$$"""{"embeddings":{"dtype":"{{{SafetensorsType()}}}","shape":[{{{rows}}},{{{Columns}}}],"data_offsets":[0,{{{rows * RowBytes}}}]}}""");
            BinaryPrimitives.WriteInt64LittleEndian(header, SafetensorsHeaderBytes - 8);
            Encoding.ASCII.GetBytes(description.PadRight(SafetensorsHeaderBytes - 8), header.AsSpan(8));
        }

        return header;
    }

    private string NpyType() => type switch { VectorType.Float32 => "<f4", VectorType.Float16 => "<f2", VectorType.Int8 => "|i1", _ => "|u1" };

    private string SafetensorsType() => type switch { VectorType.Float32 => "F32", VectorType.Float16 => "F16", VectorType.Int8 => "I8", _ => "U8" };
}
