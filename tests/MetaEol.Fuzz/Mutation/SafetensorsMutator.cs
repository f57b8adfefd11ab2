using System.Buffers.Binary;
using System.Text;
using MetaEol.Fuzz.Running;

namespace MetaEol.Fuzz.Mutation;

/// <summary>Changes the header of a safetensors file and puts the right length before it, so that the file is wrong in one place at a time.</summary>
/// <param name="seeds">The files to change.</param>
internal sealed class SafetensorsMutator(IReadOnlyList<byte[]> seeds) : IMutator
{
    private readonly JsonMutator _headers = new([.. seeds.Select(Header)], ["F32", "BF16", "F16", "F64", "F4", "I8", "model.", "weight", "__metadata__"]);
    private readonly byte[][] _data = [.. seeds.Select(seed => seed[(8 + Header(seed).Length)..])];

    public IReadOnlyList<byte[]> Seeds => seeds;

    public byte[] Create(FuzzRandom random)
    {
        byte[] header = _headers.Create(random);
        byte[] data = random.Pick(_data);
        data = random.Below(6) switch
        {
            0 => data[..random.Below(data.Length + 1)],
            1 => [.. data, .. new byte[random.Length(64)]],
            _ => data,
        };
        header = random.OneIn(4) ? [.. header, .. Encoding.UTF8.GetBytes(new string(' ', random.Below(16)))] : header;
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, random.OneIn(10) ? random.Pick(Interesting.Numbers) : header.Length);
        return [.. length, .. header, .. data];
    }

    private static byte[] Header(byte[] file) => file[8..(8 + (int)BinaryPrimitives.ReadInt64LittleEndian(file))];
}
