namespace MetaEol.Llama.Tokenization;

/// <summary><c>Metaspace</c>: the character becomes a space; in the first token it is dropped if it was set there.</summary>
internal sealed class MetaspaceDecoder(string replacement, MetaspaceScheme scheme) : TokenDecoder
{
    public override List<string> Decode(List<string> tokens, TextBudget budget)
    {
        List<string> result = tokens.ConvertAll(token => token.Replace(replacement, " ", StringComparison.Ordinal));
        if (result.Count > 0 && scheme != MetaspaceScheme.Never)
        {
            result[0] = tokens[0].Replace(replacement, "", StringComparison.Ordinal);
        }

        return result;
    }
}
