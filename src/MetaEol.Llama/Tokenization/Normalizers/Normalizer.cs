namespace MetaEol.Llama.Tokenization;

/// <summary>A step that changes a text before it is split. Immutable.</summary>
internal abstract class Normalizer
{
    /// <summary>The text, changed; the result knows how many of its first characters stem from the start of the text given.</summary>
    public abstract TextPiece Normalize(in TextPiece piece, EncodeWorkspace workspace);

    /// <summary>The text, changed, and where the plain part of it is then: at least what stems from it.</summary>
    public virtual TextPiece Normalize(in TextPiece piece, ref PlainRange plain, EncodeWorkspace workspace)
    {
        TextPiece result = Normalize(piece, workspace);
        if (plain.IsPart)
        {
            // What is cut off at an end takes its part of the range with it.
            plain = Trace(piece, result, plain, workspace).Within(0, result.Length);
        }

        return result;
    }

    /// <summary>Where a part of a text that is not all of it lies in the changed text.</summary>
    protected abstract PlainRange Trace(in TextPiece before, in TextPiece after, PlainRange plain, EncodeWorkspace workspace);
}
