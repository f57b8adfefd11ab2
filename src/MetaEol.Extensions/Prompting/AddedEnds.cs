using MetaEol.Llama;

namespace MetaEol.Extensions.Prompting;

/// <summary>How many tokens a tokenizer adds around a text: those of its post-processor, such as the beginning-of-sequence token.</summary>
/// <param name="Leading">Tokens before the text.</param>
/// <param name="Trailing">Tokens behind the text.</param>
internal sealed record AddedEnds(int Leading, int Trailing)
{
    /// <summary>What a tokenizer adds: an empty text has nothing else, and what it shares with another text's beginning comes first.</summary>
    public static AddedEnds Of(ITokenizer tokenizer)
    {
        int[] added = tokenizer.Encode("");
        int leading = added.AsSpan().CommonPrefixLength(tokenizer.Encode("0"));
        return new AddedEnds(leading, added.Length - leading);
    }

    /// <summary>The ids of the text itself.</summary>
    public ReadOnlySpan<int> Strip(ReadOnlySpan<int> ids) => ids[Leading..^Trailing];
}
