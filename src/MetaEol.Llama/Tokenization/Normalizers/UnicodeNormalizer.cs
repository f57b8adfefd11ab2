using System.Text;

namespace MetaEol.Llama.Tokenization;

/// <summary><c>NFC</c>, <c>NFD</c>, <c>NFKC</c>, <c>NFKD</c>: Unicode's normalization forms.</summary>
internal sealed class UnicodeNormalizer(NormalizationForm form) : Normalizer
{
    /// <summary>string.Normalize refuses a text that contains this noncharacter; it takes part in no normalization, so the text is cut there.</summary>
    private const char Refused = '\uFFFE';

    /// <summary>The first character that the form may change.</summary>
    private readonly char _firstAffected = form switch
    {
        NormalizationForm.FormC => '\u0300',
        NormalizationForm.FormD => '\u00C0',
        _ => '\u00A0',
    };

    /// <summary>Whether this process can normalize: with globalization in invariant mode string.Normalize silently does nothing.</summary>
    public static bool IsAvailable { get; } = "e\u0301".Normalize(NormalizationForm.FormC) == "\u00E9";

    public override TextPiece Normalize(in TextPiece piece, EncodeWorkspace workspace)
    {
        if (piece.Span.IndexOfAnyInRange(_firstAffected, char.MaxValue) < 0)
        {
            return piece;
        }

        string text = Normalize(piece.Span.ToString());
        int leading = piece.Leading == 0 ? 0 : Normalize(piece.Span[..piece.Leading].ToString()).Length;
        return TextPiece.Of(text, leading);
    }

    private string Normalize(string text) => text.Contains(Refused)
        ? string.Join(Refused, text.Split(Refused).Select(part => part.Normalize(form)))
        : text.Normalize(form);
}
