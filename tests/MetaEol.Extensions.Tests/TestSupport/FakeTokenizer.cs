using System.Text;
using MetaEol.Llama;

namespace MetaEol.Extensions.Tests.TestSupport;

/// <summary>One token per UTF-16 unit, after a BOS of id 1.</summary>
internal sealed class FakeTokenizer : ITokenizer
{
    public int VocabularySize => 1000;

    public string Fingerprint => "fake";

    public int[] Encode(string text, Range plainText) => Encode(text);

    public int[] Encode(string text) => [1, .. text.Select(Id)];

    public int CountTokens(string text) => text.Length;

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

    public static int Id(char c) => 2 + (c % 998);
}
