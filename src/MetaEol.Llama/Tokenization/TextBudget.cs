namespace MetaEol.Llama.Tokenization;

/// <summary>How many characters a tokenizer may make of one text, or search through for it. Not safe for use from several threads at once.</summary>
/// <remarks>
/// A tokenizer's files are untrusted: forty steps that double the text, or a token of a megabyte that nearly matches everywhere, end in an exception and not in a
/// hang or without memory. Every step that writes the text anew is charged what it writes. Published tokenizers need less than ten characters for each of the text's.
/// </remarks>
internal sealed class TextBudget
{
    private const long Base = 4_000_000;
    private const long PerCharacter = 64;

    private long _left;
    private long _textLength;

    /// <summary>Allows the characters for a text of that length.</summary>
    public void Begin(long textLength)
    {
        _textLength = textLength;
        _left = Base + (PerCharacter * textLength);
    }

    /// <summary>Charges some characters, before they are written.</summary>
    /// <exception cref="InvalidModelException">The budget is used up.</exception>
    public void Spend(long characters)
    {
        _left -= characters;
        if (_left < 0)
        {
            throw new InvalidModelException(
                $"The tokenizer makes or searches more than {Base + (PerCharacter * _textLength)} characters for a text of {_textLength}: its normalizers, pre-tokenizers, decoders or added tokens grow without bound. Those of published models need a few for each.");
        }
    }
}
