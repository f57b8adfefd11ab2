namespace MetaEol.Llama.Tokenization;

/// <summary><c>Sequence</c>: several decoders in order.</summary>
internal sealed class SequenceDecoder(TokenDecoder[] steps) : TokenDecoder
{
    public override List<string> Decode(List<string> tokens)
    {
        foreach (TokenDecoder step in steps)
        {
            tokens = step.Decode(tokens);
        }

        return tokens;
    }
}
