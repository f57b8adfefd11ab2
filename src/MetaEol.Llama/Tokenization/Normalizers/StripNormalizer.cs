namespace MetaEol.Llama.Tokenization;

/// <summary><c>Strip</c>: removes white space at the ends.</summary>
internal sealed class StripNormalizer(bool left, bool right) : Normalizer
{
    public override TextPiece Normalize(in TextPiece piece, EncodeWorkspace workspace)
    {
        ReadOnlySpan<char> text = piece.Span;
        int start = left ? text.Length - text.TrimStart().Length : 0;
        int end = right ? text.TrimEnd().Length : text.Length;
        return piece.Slice(start, Math.Max(start, end));
    }

    protected override PlainRange Trace(in TextPiece before, in TextPiece after, PlainRange plain, EncodeWorkspace workspace) => plain.Shift(before.Start - after.Start);
}
