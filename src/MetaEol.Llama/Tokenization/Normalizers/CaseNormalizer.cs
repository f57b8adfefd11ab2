using System.Text;

namespace MetaEol.Llama.Tokenization;

/// <summary><c>Lowercase</c>: every character in lower case, by Unicode's rules without a language.</summary>
internal sealed class CaseNormalizer : Normalizer
{
    public override TextPiece Normalize(in TextPiece piece, EncodeWorkspace workspace)
    {
        StringBuilder text = new(piece.Length);
        foreach (Rune rune in piece.Span.EnumerateRunes())
        {
            if (rune.Value == 0x130)
            {
                // The one character whose lower case has two.
                text.Append("i\u0307");
            }
            else
            {
                text.Append(Rune.ToLowerInvariant(rune).ToString());
            }
        }

        return TextPiece.Of(text.ToString(), piece.Leading);
    }
}
