using System.Text;
using MetaEol.Llama;

namespace MetaEol.Extensions.Tests.TestSupport;

/// <summary>One token per UTF-16 unit, after a BOS of id 1. The character <see cref="Special"/> is a special token where it is not plain text.</summary>
internal sealed class FakeTokenizer : ITokenizer
{
    public const char Special = '§';

    public const int SpecialId = 999;

    public int VocabularySize => 1000;

    public string Fingerprint { get; init; } = "fake";

    public SpecialTokenHandling SpecialTokens { get; init; }

    public static int Id(char c) => 2 + (c % 997);

    public ITokenizer WithSpecialTokens(SpecialTokenHandling handling) => new FakeTokenizer { Fingerprint = Fingerprint, SpecialTokens = handling };

    public int[] Encode(string text) => Encode(text, 0..0);

    public int[] Encode(string text, Range plainText)
    {
        (int first, int length) = plainText.GetOffsetAndLength(text.Length);
        return [1, .. text.Select((c, i) => c == Special && SpecialTokens == SpecialTokenHandling.Recognize && (i < first || i >= first + length) ? SpecialId : Id(c))];
    }

    // A special token is worth two characters, so that counting tells how it was read.
    public int CountTokens(string text) => text.Length + (SpecialTokens == SpecialTokenHandling.Recognize ? text.Count(c => c == Special) : 0);

    public int GetIndexByTokenCount(string text, int maxTokenCount)
    {
        int end = Math.Min(text.Length, maxTokenCount);
        return end > 0 && end < text.Length && char.IsSurrogatePair(text[end - 1], text[end]) ? end - 1 : end;
    }

    public string Decode(ReadOnlySpan<int> ids)
    {
        var text = new StringBuilder();
        foreach (int id in ids)
        {
            text.Append((char)id);
        }

        return text.ToString();
    }
}
