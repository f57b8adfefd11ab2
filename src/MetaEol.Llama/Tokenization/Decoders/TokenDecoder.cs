namespace MetaEol.Llama.Tokenization;

/// <summary>A step from tokens back to text: a list of strings in, a list of strings out, whose concatenation is the text. Immutable.</summary>
internal abstract class TokenDecoder
{
    /// <param name="tokens">The tokens.</param>
    /// <param name="budget">Charged for what is written, where that may be more than there was.</param>
    public abstract List<string> Decode(List<string> tokens, TextBudget budget);
}
