namespace MetaEol.Llama.Tokenization;

/// <summary><c>Sequence</c>: several decoders in order.</summary>
internal sealed class SequenceDecoder(TokenDecoder[] steps) : TokenDecoder
{
    public override List<string> Decode(List<string> tokens, TextBudget budget)
    {
        foreach (TokenDecoder step in steps)
        {
            foreach (string token in tokens)
            {
                budget.Spend(token.Length);
            }

            tokens = step.Decode(tokens, budget);
        }

        return tokens;
    }
}
