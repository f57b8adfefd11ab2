using System.Buffers.Binary;
using System.Text.Json;

namespace MetaEol.Llama.Weights;

/// <summary>Makes the beginning of safetensors files.</summary>
internal static class SafetensorsHeaderWriter
{
    /// <summary>What a file begins with: the length of the JSON, and the JSON.</summary>
    /// <param name="metadata">The metadata.</param>
    /// <param name="tensors">The tensors in the order of their bytes.</param>
    /// <param name="alignment">The bytes of the first tensor begin at a multiple of this.</param>
    public static byte[] Create(
        IEnumerable<(string Key, string Value)> metadata, IEnumerable<(string Name, string DataType, IReadOnlyList<long> Shape, long Bytes)> tensors, int alignment)
    {
        using MemoryStream stream = new();
        stream.Write(stackalloc byte[sizeof(long)]);
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            json.WriteStartObject(SafetensorsHeader.MetadataKey);
            foreach ((string key, string value) in metadata)
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
            long offset = 0;
            foreach ((string name, string dataType, IReadOnlyList<long> shape, long bytes) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", dataType);
                WriteNumbers(json, "shape", shape);
                WriteNumbers(json, "data_offsets", [offset, offset + bytes]);
                json.WriteEndObject();
                offset += bytes;
            }

            json.WriteEndObject();
        }

        // Spaces behind the JSON are part of the format.
        while (stream.Length % alignment != 0)
        {
            stream.WriteByte((byte)' ');
        }

        byte[] header = stream.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(header, header.Length - sizeof(long));
        return header;
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IReadOnlyList<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (long number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }
}
