namespace MetaEol.Llama.Tokenization;

/// <summary><c>Prepend</c>: sets a string before every text that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : Normalizer
{
    public override TextPiece Normalize(in TextPiece piece, EncodeWorkspace workspace)
    {
        if (piece.Length == 0)
        {
            return piece;
        }

        workspace.Budget.Spend(prefix.Length + piece.Length);
        return TextPiece.Of($"{prefix}{piece.Span}", piece.Leading == 0 ? 0 : piece.Leading + prefix.Length);
    }

    protected override PlainRange Trace(in TextPiece before, in TextPiece after, PlainRange plain, EncodeWorkspace workspace) => plain.Shift(after.Length - before.Length);
}
