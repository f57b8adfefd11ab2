namespace MetaEol.Llama.Tokenization;

/// <summary><c>Fuse</c>: all tokens become one string.</summary>
internal sealed class FuseDecoder : TokenDecoder
{
    public override List<string> Decode(List<string> tokens, TextBudget budget) => [string.Concat(tokens)];
}
