using System.Text;
using MetaEol.Fuzz.Running;

namespace MetaEol.Fuzz.Mutation;

/// <summary>Changes a text and puts pieces of a language into it.</summary>
/// <param name="seeds">The texts to change.</param>
/// <param name="words">Pieces of the language: operators, keywords.</param>
/// <param name="longest">Longest text that is made.</param>
internal sealed class TextMutator(IReadOnlyList<string> seeds, IReadOnlyList<string> words, int longest = 1 << 14) : IMutator
{
    public IReadOnlyList<byte[]> Seeds { get; } = [.. seeds.Select(Encoding.UTF8.GetBytes)];

    public byte[] Create(FuzzRandom random)
    {
        string text = random.OneIn(8) ? "" : random.Pick(seeds);
        for (int changes = random.Length(24); changes > 0; changes--)
        {
            text = Change(text, seeds, words, random, longest);
        }

        return Encoding.UTF8.GetBytes(text);
    }

    /// <summary>Changes one thing in a text.</summary>
    public static string Change(string text, IReadOnlyList<string> others, IReadOnlyList<string> words, FuzzRandom random, int longest)
    {
        int at = random.Below(text.Length + 1);
        int length = Math.Min(random.Length(40), text.Length - at);
        string word = words.Count > 0 && !random.OneIn(4) ? random.Pick(words) : random.Pick(Interesting.Texts);
        string changed = random.Below(8) switch
        {
            0 => text.Remove(at, length),
            1 => text.Insert(at, text.Substring(at, length)),
            2 => text.Insert(at, Repeat(text.Substring(at, length), random, longest)),
            3 => text.Insert(at, Repeat(word, random, longest)),
            4 => string.Concat(text.AsSpan(0, at), random.Pick(others)),
            5 => string.Concat(text.AsSpan(0, at), word, text.AsSpan(at + length)),
            _ => text.Insert(at, word),
        };
        return changed.Length <= longest ? changed : changed[..longest];
    }

    private static string Repeat(string piece, FuzzRandom random, int longest) =>
        piece.Length == 0 ? piece : new StringBuilder().Insert(0, piece, Math.Min(random.Length(3000), Math.Max(1, longest / piece.Length))).ToString();
}
