namespace MetaEol.Llama.Tokenization;

/// <summary>A step from tokens back to text: a list of strings in, a list of strings out, whose concatenation is the text. Immutable.</summary>
internal abstract class TokenDecoder
{
    public abstract List<string> Decode(List<string> tokens);
}
