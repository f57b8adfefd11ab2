using System.Buffers.Binary;
using System.Text;
using MetaEol.Fuzz.Running;

namespace MetaEol.Fuzz.Mutation;

/// <summary>Changes bytes without regard for what they mean.</summary>
/// <param name="seeds">The inputs to change.</param>
/// <param name="longest">Longest input that is made.</param>
internal sealed class ByteMutator(IReadOnlyList<byte[]> seeds, int longest = 1 << 16) : IMutator
{
    public IReadOnlyList<byte[]> Seeds => seeds;

    public byte[] Create(FuzzRandom random)
    {
        byte[] input = random.Pick(seeds);
        for (int changes = random.Length(12); changes > 0; changes--)
        {
            input = Change(input, random);
        }

        return input.Length <= longest ? input : input[..longest];
    }

    private byte[] Change(byte[] input, FuzzRandom random)
    {
        int at = random.Below(input.Length + 1);
        int length = Math.Min(random.OneIn(4) ? random.Below(input.Length + 1) : random.Length(64), input.Length - at);
        byte[] before = input[..at], cut = input[at..(at + length)], after = input[(at + length)..];
        switch (random.Below(10))
        {
            case 0:
                return [.. before, .. after];
            case 1:
                return [.. before, .. cut, .. cut, .. after];
            case 2:
                return before;
            case 3:
                return [.. before, .. Encoding.UTF8.GetBytes(random.Pick(Interesting.Texts)), .. cut, .. after];
            case 4:
                byte[] other = random.Pick(seeds);
                int start = random.Below(other.Length + 1);
                return [.. before, .. other[start..Math.Min(other.Length, start + random.Length(256))], .. after];
            case 5:
                return Repeat(before, cut, after, random.Length(2000));
            case 6 when at + 8 <= input.Length:
                byte[] number = new byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(number, random.Pick(Interesting.Numbers));
                int size = random.Pick<int>([1, 2, 4, 8]);
                return [.. before, .. number[..size], .. input[(at + size)..]];
            case 7 when length > 0:
                byte[] flipped = [.. input];
                flipped[at] ^= (byte)(1 << random.Below(8));
                return flipped;
            default:
                byte[] changed = [.. input];
                if (at < changed.Length)
                {
                    changed[at] = (byte)random.Next();
                }

                return changed;
        }
    }

    private byte[] Repeat(byte[] before, byte[] cut, byte[] after, int times)
    {
        times = Math.Min(times, Math.Max(0, longest - before.Length - after.Length) / Math.Max(1, cut.Length));
        byte[] repeated = new byte[cut.Length * times];
        for (int i = 0; i < times; i++)
        {
            cut.CopyTo(repeated, i * cut.Length);
        }

        return [.. before, .. repeated, .. after];
    }
}
