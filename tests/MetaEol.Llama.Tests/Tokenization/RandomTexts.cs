using System.Globalization;
using System.Text;

namespace MetaEol.Llama.Tests.Tokenization;

/// <summary>Random texts from a seed: pieces of a corpus, and characters of all kinds.</summary>
internal sealed class RandomTexts(int seed, string corpus)
{
    private static readonly string[] Fragments =
    [
        " ", "  ", "   ", "\n", "\n\n", "\r\n", "\t", "\u00A0", "\u3000", "\u2028", "\u0085", "'s", "'LL", "'t", "'", "\"", "the", " the", "▁", "▁▁", "0", "12", "345",
        "\u0663", "½", "Ⅷ", "...", "====", "!!", "é", "e\u0301", "ß", "ǅ", "中", "文字", "日本", "한국", "👩‍💻", "🇩🇪", "😀", "𝐀", "𝟏", "𠮷", "\u200B", "\u200D", "\uFEFF",
        "\0", "\u001F", "http://", ".com", "<", ">", "</", "|", "<0x41>", "_", "-", "a", "b", "th", "ing", " in", "\uFFFD", "\uFDD0",
    ];

    private readonly Random _random = new(seed);

    /// <summary>A text without lone surrogates.</summary>
    public string Next()
    {
        StringBuilder text = new();
        int parts = _random.Next(1, 12);
        for (int i = 0; i < parts; i++)
        {
            switch (_random.Next(4))
            {
                case 0:
                    int length = _random.Next(1, 60);
                    int start = _random.Next(corpus.Length - length);
                    text.Append(corpus.AsSpan(start, length));
                    break;
                case 1:
                    text.Insert(_random.Next(text.Length + 1), Fragment());
                    break;
                case 2:
                    text.Append(Fragment());
                    break;
                default:
                    for (int count = _random.Next(1, 6); count > 0; count--)
                    {
                        text.Append(Character());
                    }

                    break;
            }
        }

        // An insertion may have cut a pair.
        return string.Concat(text.ToString().EnumerateRunes());
    }

    private string Fragment() => string.Concat(Enumerable.Repeat(Fragments[_random.Next(Fragments.Length)], _random.Next(8) == 0 ? _random.Next(1, 40) : 1));

    private string Character()
    {
        while (true)
        {
            int codePoint = _random.Next(3) switch
            {
                0 => _random.Next(0x20, 0x300),
                1 => _random.Next(0x300, 0x10000),
                _ => _random.Next(0x10000, 0x11000) + (_random.Next(15) * 0x1000),
            };

            // The long s folds to s in the reference but not in .NET's expressions; U+FFFE stops .NET's normalization. Recorded ids test both.
            if (Rune.IsValid(codePoint) && codePoint is not (0x17F or 0xFFFE) && CharUnicodeInfo.GetUnicodeCategory(codePoint) != UnicodeCategory.OtherNotAssigned)
            {
                return char.ConvertFromUtf32(codePoint);
            }
        }
    }
}
