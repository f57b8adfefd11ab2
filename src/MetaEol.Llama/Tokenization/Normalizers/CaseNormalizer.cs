using System.Text;

namespace MetaEol.Llama.Tokenization;

/// <summary><c>Lowercase</c>: every character in lower case, by Unicode's rules without a language.</summary>
internal sealed class CaseNormalizer : Normalizer
{
    // The one character whose lower case has two.
    private const int CapitalDottedI = 0x130;
    private const string DottedI = "i\u0307";

    public override TextPiece Normalize(in TextPiece piece, EncodeWorkspace workspace)
    {
        workspace.Budget.Spend(piece.Length);
        StringBuilder text = new(piece.Length);
        foreach (Rune rune in piece.Span.EnumerateRunes())
        {
            _ = rune.Value == CapitalDottedI ? text.Append(DottedI) : text.Append(Rune.ToLowerInvariant(rune).ToString());
        }

        return TextPiece.Of(text.ToString(), piece.Leading);
    }

    protected override PlainRange Trace(in TextPiece before, in TextPiece after, PlainRange plain, EncodeWorkspace workspace)
    {
        ReadOnlySpan<char> text = before.Span;
        return new(LengthOf(text[..plain.Start]), LengthOf(text[..plain.End]));
    }

    private static int LengthOf(ReadOnlySpan<char> text)
    {
        int length = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            length += rune.Value == CapitalDottedI ? DottedI.Length : Rune.ToLowerInvariant(rune).Utf16SequenceLength;
        }

        return length;
    }
}
