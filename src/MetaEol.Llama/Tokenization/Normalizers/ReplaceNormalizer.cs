using System.Text;

namespace MetaEol.Llama.Tokenization;

/// <summary><c>Replace</c>: every match of a pattern becomes a string.</summary>
internal sealed class ReplaceNormalizer(TextPattern pattern, string content) : Normalizer
{
    public override TextPiece Normalize(in TextPiece piece, EncodeWorkspace workspace)
    {
        if (pattern.Literal is { Length: > 0 } literal && literal.Length == content.Length)
        {
            return TextPiece.Of(piece.Span.ToString().Replace(literal, content, StringComparison.Ordinal), piece.Leading);
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
}
