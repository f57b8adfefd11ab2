using System.Buffers.Binary;

namespace MetaEol.Llama.Tokenization;

/// <summary>Reads the fields of one protobuf message. Every length is checked against what is there, so a damaged file cannot make it read or allocate beyond that.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message, string source)
{
    private ReadOnlySpan<byte> _rest = message;
    private WireType _wireType;

    private enum WireType
    {
        Varint = 0,
        Fixed64 = 1,
        Bytes = 2,
        Fixed32 = 5,
    }

    /// <summary>Goes to the next field: its number, or false at the end.</summary>
    public bool TryReadField(out int field)
    {
        field = 0;
        if (_rest.IsEmpty)
        {
            return false;
        }

        ulong tag = ReadRawVarint();
        field = (int)Math.Min(tag >> 3, int.MaxValue);
        _wireType = (WireType)(tag & 7);
        return field > 0 ? true : throw Damaged("has a field with the number 0");
    }

    public ReadOnlySpan<byte> ReadBytes()
    {
        Expect(WireType.Bytes);
        return Take(ReadRawVarint());
    }

    public float ReadFloat()
    {
        Expect(WireType.Fixed32);
        return BinaryPrimitives.ReadSingleLittleEndian(Take(4));
    }

    /// <summary>An int32 or an enum: negative ones are written as 64 bits.</summary>
    public int ReadInt32()
    {
        Expect(WireType.Varint);
        return (int)ReadRawVarint();
    }

    public bool ReadBool()
    {
        Expect(WireType.Varint);
        return ReadRawVarint() != 0;
    }

    /// <summary>Passes over the field that <see cref="TryReadField"/> found.</summary>
    public void Skip()
    {
        switch (_wireType)
        {
            case WireType.Varint:
                ReadRawVarint();
                break;
            case WireType.Fixed64:
                Take(8);
                break;
            case WireType.Bytes:
                Take(ReadRawVarint());
                break;
            case WireType.Fixed32:
                Take(4);
                break;
            default:
                throw Damaged($"has a field of the unknown wire type {(int)_wireType}");
        }
    }

    private readonly void Expect(WireType expected)
    {
        if (_wireType != expected)
        {
            throw Damaged($"has a field of wire type {_wireType} where {expected} belongs");
        }
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)_rest.Length)
        {
            throw Damaged($"says that {count} bytes follow where {_rest.Length} are left");
        }

        ReadOnlySpan<byte> taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }

    private ulong ReadRawVarint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Damaged("has a number of more than 64 bits");
    }

    private readonly InvalidModelException Damaged(string what) =>
        new($"{source} is damaged: it {what}. Expected a tokenizer.model of SentencePiece.");
}
