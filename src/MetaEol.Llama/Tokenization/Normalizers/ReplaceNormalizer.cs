using System.Text;

namespace MetaEol.Llama.Tokenization;

/// <summary><c>Replace</c>: every match of a pattern becomes a string.</summary>
internal sealed class ReplaceNormalizer(TextPattern pattern, string content) : Normalizer
{
    /// <summary>Whether every match is a string of the length of what replaces it, so that nothing moves.</summary>
    private readonly bool _keepsLengths = pattern.Literal is { Length: > 0 } literal && literal.Length == content.Length;

    public override TextPiece Normalize(in TextPiece piece, EncodeWorkspace workspace)
    {
        workspace.Budget.Spend(piece.Length);
        if (_keepsLengths)
        {
            return TextPiece.Of(piece.Span.ToString().Replace(pattern.Literal!, content, StringComparison.Ordinal), piece.Leading);
        }

        List<PatternMatch> parts = workspace.RentMatches();
        pattern.FindAll(piece.Span, workspace.Matcher, parts);
        StringBuilder text = new(piece.Length);
        int leading = 0;
        bool atStart = piece.Leading > 0;
        foreach (PatternMatch part in parts)
        {
            if (!part.IsMatch)
            {
                text.Append(piece.Span[part.Start..part.End]);
            }
            else
            {
                workspace.Budget.Spend(content.Length);
                text.Append(content);
            }

            // The reference counts a replacement as stemming from the last character that it replaces.
            int origin = part.IsMatch ? Math.Max(part.End - 1, 0) : part.Start;
            if (atStart && origin < piece.Leading)
            {
                leading = part.IsMatch ? text.Length : leading + Math.Min(part.End, piece.Leading) - part.Start;
                atStart = part.IsMatch || part.End < piece.Leading;
            }
            else
            {
                atStart = false;
            }
        }

        workspace.ReturnMatches(parts);
        return TextPiece.Of(text.ToString(), leading);
    }

    protected override PlainRange Trace(in TextPiece before, in TextPiece after, PlainRange plain, EncodeWorkspace workspace)
    {
        if (_keepsLengths)
        {
            return plain;
        }

        List<PatternMatch> parts = workspace.RentMatches();
        pattern.FindAll(before.Span, workspace.Matcher, parts);
        (int start, int end) = (0, after.Length);
        int written = 0;
        foreach (PatternMatch part in parts)
        {
            // What replaces a match that is plain in part is plain as a whole.
            int length = part.IsMatch ? content.Length : part.End - part.Start;
            if (part.Start <= plain.Start && plain.Start < part.End)
            {
                start = written + (part.IsMatch ? 0 : plain.Start - part.Start);
            }

            if (part.Start < plain.End && plain.End <= part.End)
            {
                end = written + (part.IsMatch ? length : plain.End - part.Start);
            }

            written += length;
        }

        workspace.ReturnMatches(parts);
        return new(start, end);
    }
}
