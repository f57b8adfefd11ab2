using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;

namespace MetaEol.Tests;

/// <summary>Writes safetensors files: right ones for seeded models, wrong ones for tests of damaged input.</summary>
internal sealed class SafetensorsWriter
{
    private readonly List<(string Name, string Type, long[] Shape, long ByteCount, Action<Stream> Write)> _tensors = [];

    /// <summary>Called with the finished header before it is written; tests make it lie here.</summary>
    public Action<JsonObject>? EditHeader { get; set; }

    /// <summary>Names of the tensors, in file order.</summary>
    public IEnumerable<string> Names => _tensors.Select(tensor => tensor.Name);

    /// <summary>Adds a tensor of raw bytes.</summary>
    public SafetensorsWriter Add(string name, string type, long[] shape, byte[] data) =>
        Add(name, type, shape, data.LongLength, stream => stream.Write(data));

    /// <summary>Adds a tensor of type F32, F16 or BF16 whose elements are asked for in order, when the file is written.</summary>
    public SafetensorsWriter Add(string name, string type, long[] shape, Func<float> next)
    {
        long count = shape.Aggregate(1L, (product, size) => product * size);
        return Add(name, type, shape, count * ElementSize(type), stream => WriteElements(stream, type, count, next));
    }

    /// <summary>Adds a tensor of type F32, F16 or BF16 with the given elements.</summary>
    public SafetensorsWriter Add(string name, string type, long[] shape, params float[] values)
    {
        return Add(name, type, shape, values.LongLength * ElementSize(type), stream =>
        {
            int next = 0;
            WriteElements(stream, type, values.Length, () => values[next++]);
        });
    }

    /// <summary>Leaves a tensor out again.</summary>
    public SafetensorsWriter Remove(string name)
    {
        if (_tensors.RemoveAll(tensor => tensor.Name == name) == 0)
        {
            throw new ArgumentException($"No tensor '{name}'.", nameof(name));
        }

        return this;
    }

    /// <summary>Writes the file.</summary>
    public void Write(string path)
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        long offset = 0;
        foreach (var (name, type, shape, byteCount, _) in _tensors)
        {
            header[name] = new JsonObject
            {
                ["dtype"] = type,
                ["shape"] = new JsonArray([.. shape.Select(size => (JsonNode)size)]),
                ["data_offsets"] = new JsonArray(offset, offset + byteCount),
            };
            offset += byteCount;
        }

        EditHeader?.Invoke(header);
        byte[] json = Encoding.UTF8.GetBytes(header.ToJsonString());
        using FileStream stream = new(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        stream.Write(HeaderLength(json.Length));
        stream.Write(json);
        foreach (var (_, _, _, _, write) in _tensors)
        {
            write(stream);
        }
    }

    /// <summary>Writes a file from a header as it stands, for headers that are not even JSON.</summary>
    public static void WriteRaw(string path, ulong headerLength, ReadOnlySpan<byte> header, ReadOnlySpan<byte> data)
    {
        using FileStream stream = File.Create(path);
        stream.Write(HeaderLength(headerLength));
        stream.Write(header);
        stream.Write(data);
    }

    private SafetensorsWriter Add(string name, string type, long[] shape, long byteCount, Action<Stream> write)
    {
        _tensors.Add((name, type, shape, byteCount, write));
        return this;
    }

    private static byte[] HeaderLength(long length) => HeaderLength((ulong)length);

    private static byte[] HeaderLength(ulong length)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        return bytes;
    }

    private static int ElementSize(string type) => type switch
    {
        "F32" => 4,
        "F16" or "BF16" => 2,
        _ => throw new ArgumentException($"Type '{type}' is not one of F32, F16, BF16.", nameof(type)),
    };

    private static void WriteElements(Stream stream, string type, long count, Func<float> next)
    {
        const int ChunkLength = 16384;
        byte[] bytes = new byte[ChunkLength * ElementSize(type)];
        for (long done = 0; done < count; done += ChunkLength)
        {
            int length = (int)Math.Min(ChunkLength, count - done);
            Span<byte> chunk = bytes.AsSpan(0, length * ElementSize(type));
            if (type == "F32")
            {
                foreach (ref float element in MemoryMarshal.Cast<byte, float>(chunk))
                {
                    element = next();
                }
            }
            else
            {
                foreach (ref ushort element in MemoryMarshal.Cast<byte, ushort>(chunk))
                {
                    element = type == "F16" ? BitConverter.HalfToUInt16Bits((Half)next()) : ToBFloat16(next());
                }
            }

            stream.Write(chunk);
        }
    }

    // Round to nearest, ties to even; NaN stays NaN.
    private static ushort ToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)0x7FC0 : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
