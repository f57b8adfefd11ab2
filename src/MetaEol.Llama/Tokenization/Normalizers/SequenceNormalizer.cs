namespace MetaEol.Llama.Tokenization;

/// <summary><c>Sequence</c>: several normalizers in order.</summary>
internal sealed class SequenceNormalizer(Normalizer[] steps) : Normalizer
{
    public override TextPiece Normalize(in TextPiece piece, EncodeWorkspace workspace)
    {
        PlainRange none = PlainRange.None;
        return Normalize(piece, ref none, workspace);
    }

    public override TextPiece Normalize(in TextPiece piece, ref PlainRange plain, EncodeWorkspace workspace)
    {
        TextPiece result = piece;
        foreach (Normalizer step in steps)
        {
            result = step.Normalize(result, ref plain, workspace);
        }

        return result;
    }

    // The steps say it themselves.
    protected override PlainRange Trace(in TextPiece before, in TextPiece after, PlainRange plain, EncodeWorkspace workspace) => plain;
}
