using System.Globalization;
using MetaEol.Llama;

namespace MetaEol.Extensions.Tests.TestSupport;

/// <summary>Reads token ids, written as numbers: a text "7 12" has the tokens 7 and 12. Adds nothing.</summary>
internal sealed class IdsTokenizer : ITokenizer
{
    public int VocabularySize { get; init; } = 320;

    public string Fingerprint => "ids";

    public static string Text(ReadOnlySpan<int> ids) => string.Join(' ', ids.ToArray());

    public int[] Encode(string text) => [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture))];

    public int[] Encode(string text, Range plainText) => Encode(text);

    public int CountTokens(string text) => Encode(text).Length;

    public int GetIndexByTokenCount(string text, int maxTokenCount)
    {
        int end = text.Length;
        while (CountTokens(text[..end]) > maxTokenCount)
        {
            end--;
        }

        return end;
    }

    public string Decode(ReadOnlySpan<int> ids) => Text(ids);
}
