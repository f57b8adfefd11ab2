using System.Text;
using MetaEol.Fuzz.Running;

namespace MetaEol.Fuzz.Mutation;

/// <summary>Changes the fields of a protobuf message and of those nested in it.</summary>
/// <param name="seeds">The messages to change.</param>
/// <param name="isNested">Whether a field of that number is a message.</param>
internal sealed class ProtobufMutator(IReadOnlyList<byte[]> seeds, Func<ulong, bool> isNested) : IMutator
{
    private readonly IReadOnlyList<ProtobufField>[] _seeds = [.. seeds.Select(seed => ProtobufField.Parse(seed, isNested))];

    public IReadOnlyList<byte[]> Seeds => seeds;

    public byte[] Create(FuzzRandom random)
    {
        IReadOnlyList<ProtobufField> fields = random.Pick(_seeds);
        for (int changes = random.Length(10); changes > 0; changes--)
        {
            fields = Change(fields, random);
        }

        List<byte> message = [];
        foreach (ProtobufField field in fields)
        {
            field.Write(message);
        }

        return [.. message];
    }

    private static IReadOnlyList<ProtobufField> Change(IReadOnlyList<ProtobufField> fields, FuzzRandom random)
    {
        if (fields.Count == 0)
        {
            return [new ProtobufField((ulong)random.Below(64), [(byte)random.Next()])];
        }

        List<ProtobufField> changed = [.. fields];

        // The last fields, settings most of the time, as often as all the others.
        int at = random.OneIn(2) ? random.Below(fields.Count) : fields.Count - 1 - random.Below(Math.Min(3, fields.Count));
        ProtobufField field = fields[at];
        if (field.Nested is not null && !random.OneIn(4))
        {
            changed[at] = field with { Nested = Change(field.Nested, random) };
            return changed;
        }

        switch (random.Below(6))
        {
            case 0:
                changed.RemoveAt(at);
                break;
            case 1:
                changed.InsertRange(at, Enumerable.Repeat(field, random.Length(200)));
                break;
            case 2:
                changed[at] = field with { Tag = random.OneIn(2) ? (field.Tag & 7) | ((ulong)random.Below(50) << 3) : (field.Tag & ~7UL) | (uint)random.Below(8) };
                break;
            case 3:
                changed[at] = fields[random.Below(fields.Count)];
                break;
            default:
                changed[at] = field with { Nested = null, Content = NewContent(field, random) };
                break;
        }

        return changed;
    }

    private static byte[] NewContent(ProtobufField field, FuzzRandom random)
    {
        List<byte> content = [];
        switch (field.Tag & 7)
        {
            case 0:
                ProtobufField.WriteVarint(content, random.OneIn(2) ? (ulong)random.Pick(Interesting.Numbers) : (ulong)random.Below(8));
                break;
            case 2:
                byte[] text = Encoding.UTF8.GetBytes(random.Pick(Interesting.Texts));
                byte[] bytes = random.Below(3) switch
                {
                    0 => [.. Enumerable.Repeat(text, random.Length(500)).SelectMany(piece => piece)],
                    1 when field.Content.Length > 1 => [.. field.Content[1..], .. text],
                    _ => [.. text[..random.Below(text.Length + 1)], (byte)random.Next()],
                };
                ProtobufField.WriteVarint(content, random.OneIn(6) ? (ulong)random.Pick(Interesting.Numbers) : (ulong)bytes.Length);
                content.AddRange(bytes);
                break;
            default:
                content.AddRange(random.OneIn(2) ? BitConverter.GetBytes(random.Next()) : BitConverter.GetBytes(random.Pick<float>([0, -1, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue])));
                break;
        }

        return [.. content];
    }
}
