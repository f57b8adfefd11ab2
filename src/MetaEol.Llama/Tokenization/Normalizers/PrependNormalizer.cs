namespace MetaEol.Llama.Tokenization;

/// <summary><c>Prepend</c>: sets a string before every text that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : Normalizer
{
    public override TextPiece Normalize(in TextPiece piece, EncodeWorkspace workspace) =>
        piece.Length == 0 ? piece : TextPiece.Of($"{prefix}{piece.Span}", piece.Leading == 0 ? 0 : piece.Leading + prefix.Length);
}
