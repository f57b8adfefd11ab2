using System.Text;

namespace MetaEol.Extensions.MLTokenizers.Tests;

/// <summary>Seeded strings of words, numbers, signs, white space, accents, other scripts and emoji.</summary>
/// <remarks>No runs of one letter: where equal merges overlap, Microsoft.ML.Tokenizers 2.0.0 does not take the leftmost first, as SentencePiece does.</remarks>
internal static class VariedText
{
    private static readonly string[] Pieces =
    [
        "the", "The", "cat", "sits", "on", "mat", "invoice", "overdue", "hello", "world", "MetaEOL", "embedding", "ing", "un", "tion", "a", "I", "of", "and",
        "0", "7", "42", "2024", "3.14", "1,000", ".", ",", "?", "!", "'", "\"", ":", ";", "-", "(", ")", "#", "/", "_", "don't", "it's", "C#", "e.g.",
        " ", " ", " ", " ", "  ", "   ", "\n", "\t", "\r\n", "é", "ü", "naïve", "Straße", "ß", "ø", "Ω", "привет", "мир", "日本", "語", "한국", "ไทย", "שלום", "مرحبا",
        "🙂", "👩‍🚀", "🇪🇺", "\u00A0", "\u200B", "ﬁ", "½", "€", "→", "ÀÉ", "e\u0301", "x²",
    ];

    public static IEnumerable<string> Create(int count, int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
        {
            var text = new StringBuilder();
            for (int piece = random.Next(0, 30); piece > 0; piece--)
            {
                text.Append(Pieces[random.Next(Pieces.Length)]);
                if (random.Next(3) > 0)
                {
                    text.Append(' ');
                }
            }

            yield return text.ToString();
        }
    }
}
