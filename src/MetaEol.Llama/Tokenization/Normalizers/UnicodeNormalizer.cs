using System.Text;

namespace MetaEol.Llama.Tokenization;

/// <summary><c>NFC</c>, <c>NFD</c>, <c>NFKC</c>, <c>NFKD</c>: Unicode's normalization forms.</summary>
internal sealed class UnicodeNormalizer(NormalizationForm form) : Normalizer
{
    /// <summary>string.Normalize refuses a text that contains this noncharacter; it takes part in no normalization, so the text is cut there.</summary>
    private const char Refused = '\uFFFE';

    /// <summary>How far from a border a place is looked for at which the text may be normalized in two parts: marks behind one letter are few.</summary>
    private const int FarthestBorder = 32;

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

        workspace.Budget.Spend(piece.Length);
        string text = Normalize(piece.Span.ToString());
        workspace.Budget.Spend(text.Length);
        int leading = piece.Leading == 0 ? 0 : Normalize(piece.Span[..piece.Leading].ToString()).Length;
        return TextPiece.Of(text, leading);
    }

    protected override PlainRange Trace(in TextPiece before, in TextPiece after, PlainRange plain, EncodeWorkspace workspace) => after == before
        ? plain
        : new(
            BorderNear(before.Span, after.Span, plain.Start, -1, workspace) ?? 0,
            BorderNear(before.Span, after.Span, plain.End, 1, workspace) ?? after.Length);

    /// <summary>The length of the normalized text up to the place nearest to an index where the two parts do not change each other, or null if there is none near.</summary>
    private int? BorderNear(ReadOnlySpan<char> before, ReadOnlySpan<char> after, int index, int step, EncodeWorkspace workspace)
    {
        for (int i = 0; i <= FarthestBorder && index >= 0 && index <= before.Length; i++, index += step)
        {
            if (index > 0 && index < before.Length && char.IsSurrogatePair(before[index - 1], before[index]))
            {
                continue;
            }

            workspace.Budget.Spend(before.Length + after.Length);
            string start = Normalize(before[..index].ToString());
            string end = Normalize(before[index..].ToString());
            if (start.Length + end.Length == after.Length && after.StartsWith(start, StringComparison.Ordinal) && after.EndsWith(end, StringComparison.Ordinal))
            {
                return start.Length;
            }
        }

        return null;
    }

    private string Normalize(string text) => text.Contains(Refused)
        ? string.Join(Refused, text.Split(Refused).Select(part => part.Normalize(form)))
        : text.Normalize(form);
}
