namespace MetaEol.Llama.Tokenization;

/// <summary>A step that changes a text before it is split. Immutable.</summary>
internal abstract class Normalizer
{
    /// <summary>The text, changed; the result knows how many of its first characters stem from the start of the text given.</summary>
    public abstract TextPiece Normalize(in TextPiece piece, EncodeWorkspace workspace);

    /// <summary>How many leading units remain when a change maps characters one by one.</summary>
    protected static int Rest(int leading, int removed) => Math.Max(0, leading - removed);
}
