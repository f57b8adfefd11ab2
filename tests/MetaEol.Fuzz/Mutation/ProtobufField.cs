namespace MetaEol.Fuzz.Mutation;

/// <summary>One field of a protobuf message.</summary>
/// <param name="Tag">Number and wire type.</param>
/// <param name="Content">The bytes behind the tag, with their length where they have one; of a nested message its fields take their place.</param>
/// <param name="Nested">The fields of a nested message, or null.</param>
internal sealed record ProtobufField(ulong Tag, byte[] Content, IReadOnlyList<ProtobufField>? Nested = null)
{
    /// <summary>Reads a valid message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isNested">Whether a field of that number is a message; null for none.</param>
    public static List<ProtobufField> Parse(ReadOnlySpan<byte> message, Func<ulong, bool>? isNested)
    {
        var fields = new List<ProtobufField>();
        while (!message.IsEmpty)
        {
            ulong tag = ReadVarint(ref message);
            ReadOnlySpan<byte> rest = message;
            int length;
            switch (tag & 7)
            {
                case 0:
                    ReadVarint(ref rest);
                    length = message.Length - rest.Length;
                    break;
                case 1:
                    length = 8;
                    break;
                case 5:
                    length = 4;
                    break;
                default:
                    length = (int)ReadVarint(ref rest);
                    if (isNested?.Invoke(tag >> 3) == true)
                    {
                        fields.Add(new(tag, [], Parse(rest[..length], null)));
                        message = rest[length..];
                        continue;
                    }

                    length += message.Length - rest.Length;
                    break;
            }

            fields.Add(new(tag, message[..length].ToArray()));
            message = message[length..];
        }

        return fields;
    }

    public void Write(List<byte> output)
    {
        WriteVarint(output, Tag);
        if (Nested is null)
        {
            output.AddRange(Content);
            return;
        }

        List<byte> message = [];
        foreach (ProtobufField field in Nested)
        {
            field.Write(message);
        }

        WriteVarint(output, (ulong)message.Count);
        output.AddRange(message);
    }

    /// <summary>A number as protobuf writes it.</summary>
    public static void WriteVarint(List<byte> output, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            output.Add((byte)(value | 0x80));
        }

        output.Add((byte)value);
    }

    private static ulong ReadVarint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        int length = 0;
        do
        {
            value |= (ulong)(bytes[length] & 0x7F) << (7 * length);
        }
        while (bytes[length++] >= 0x80);
        bytes = bytes[length..];
        return value;
    }
}
