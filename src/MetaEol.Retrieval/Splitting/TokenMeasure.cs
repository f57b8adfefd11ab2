using MetaEol.Llama;

namespace MetaEol.Retrieval.Splitting;

/// <summary>Counts a model's tokens in a text as it stands in a prompt, where double quotes become single ones.</summary>
internal sealed class TokenMeasure(ITokenizer tokenizer) : ITextMeasure
{
    public int Count(string text) => tokenizer.CountTokens(text.Replace('"', '\''));

    public int Fit(string text, int length) => tokenizer.GetIndexByTokenCount(text.Replace('"', '\''), length);
}
