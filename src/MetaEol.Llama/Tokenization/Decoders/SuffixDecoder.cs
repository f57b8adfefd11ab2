namespace MetaEol.Llama.Tokenization;

/// <summary><c>BPEDecoder</c>: the suffix that ends words becomes a space, and nothing in the last token.</summary>
internal sealed class SuffixDecoder(string suffix) : TokenDecoder
{
    public override List<string> Decode(List<string> tokens, TextBudget budget)
    {
        List<string> result = new(tokens.Count);
        for (int i = 0; i < tokens.Count; i++)
        {
            result.Add(suffix.Length == 0 ? tokens[i] : tokens[i].Replace(suffix, i == tokens.Count - 1 ? "" : " ", StringComparison.Ordinal));
        }

        return result;
    }
}
