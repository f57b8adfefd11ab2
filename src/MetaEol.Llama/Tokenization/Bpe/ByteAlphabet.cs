using System.Text;

namespace MetaEol.Llama.Tokenization;

/// <summary>The alphabet of byte-level vocabularies: every byte as a visible character, as GPT-2 introduced it.</summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = CreateCharacters();
    private static readonly short[] Bytes = CreateBytes();

    /// <summary>The character of a byte: below U+0144.</summary>
    public static char ToCharacter(byte value) => Characters[value];

    /// <summary>The byte of a character, or -1.</summary>
    public static int ToByte(char character) => character < Bytes.Length ? Bytes[character] : -1;

    /// <summary>A text, every byte of its UTF-8 as a character.</summary>
    public static string Spell(ReadOnlySpan<char> text)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        return string.Create(bytes.Length, bytes, (characters, source) =>
        {
            for (int i = 0; i < source.Length; i++)
            {
                characters[i] = ToCharacter(source[i]);
            }
        });
    }

    private static char[] CreateCharacters()
    {
        char[] characters = new char[256];
        int next = 256;
        for (int i = 0; i < 256; i++)
        {
            bool visible = i is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            characters[i] = (char)(visible ? i : next++);
        }

        return characters;
    }

    private static short[] CreateBytes()
    {
        short[] bytes = new short[512];
        Array.Fill(bytes, (short)-1);
        for (int i = 0; i < 256; i++)
        {
            bytes[Characters[i]] = (short)i;
        }

        return bytes;
    }
}
