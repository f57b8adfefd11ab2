using System.Buffers.Binary;
using System.Runtime.InteropServices;
using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Tokenization;

/// <summary>The <c>precompiled_charsmap</c> of a SentencePiece normalizer (such as nmt_nfkc): a double-array trie from byte sequences to replacements.</summary>
/// <remarks>Layout: the trie's size in bytes (uint32, little endian), the trie's units (uint32), then the replacements, each ended by a zero byte.</remarks>
internal sealed class CharacterMap
{
    private readonly uint[] _units;
    private readonly byte[] _replacements;

    private CharacterMap(uint[] units, byte[] replacements)
    {
        _units = units;
        _replacements = replacements;
    }

    /// <exception cref="InvalidModelException">The map is damaged.</exception>
    public static CharacterMap Read(ReadOnlySpan<byte> map, string source)
    {
        if (map.Length < 8 || BinaryPrimitives.ReadUInt32LittleEndian(map) is uint size && (size >= map.Length - 4 || size % 4 != 0 || size == 0))
        {
            throw new InvalidModelException($"{source} is damaged: the sizes in its precompiled_charsmap do not fit its {map.Length} bytes.");
        }

        int length = (int)BinaryPrimitives.ReadUInt32LittleEndian(map);
        uint[] units = new uint[length / 4];
        for (int i = 0; i < units.Length; i++)
        {
            units[i] = BinaryPrimitives.ReadUInt32LittleEndian(map[(4 + (4 * i))..]);
        }

        return new(units, map[(4 + length)..].ToArray());
    }

    /// <summary>The replacement of the longest sequence that <paramref name="text"/> starts with; <paramref name="length"/> is 0 if there is none.</summary>
    public ReadOnlySpan<byte> Find(ReadOnlySpan<byte> text, TextBudget budget, out int length)
    {
        length = 0;
        int value = -1;
        uint position = Offset(_units[0]);
        int i = 0;
        for (; i < text.Length; i++)
        {
            position ^= text[i];
            if (position >= _units.Length || (_units[position] & 0x8000_00FF) != text[i])
            {
                break;
            }

            uint unit = _units[position];
            position ^= Offset(unit);
            if ((unit >> 8 & 1) != 0 && position < _units.Length)
            {
                (value, length) = ((int)(_units[position] & 0x7FFF_FFFF), i + 1);
            }
        }

        budget.Spend(i);
        if (length == 0 || value >= _replacements.Length)
        {
            length = 0;
            return default;
        }

        ReadOnlySpan<byte> replacement = _replacements.AsSpan(value);
        int end = replacement.IndexOf((byte)0);
        return end < 0 ? replacement : replacement[..end];
    }

    /// <summary>Adds the map to a hash.</summary>
    public void AppendTo(ContentHash hash)
    {
        hash.Append(MemoryMarshal.Cast<uint, int>(_units));
        hash.Append(_replacements);
    }

    private static uint Offset(uint unit) => unit >> 10 << (int)((unit & 0x200) >> 6);
}
