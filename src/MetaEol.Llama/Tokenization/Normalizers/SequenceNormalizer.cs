namespace MetaEol.Llama.Tokenization;

/// <summary><c>Sequence</c>: several normalizers in order.</summary>
internal sealed class SequenceNormalizer(Normalizer[] steps) : Normalizer
{
    public override TextPiece Normalize(in TextPiece piece, EncodeWorkspace workspace)
    {
        TextPiece result = piece;
        foreach (Normalizer step in steps)
        {
            result = step.Normalize(result, workspace);
        }

        return result;
    }
}
