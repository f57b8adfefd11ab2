using System.Text;

namespace MetaEol.Llama.Tokenization;

/// <summary><c>Replace</c>: in every token, every match of a pattern becomes a string.</summary>
internal sealed class ReplaceDecoder(TextPattern pattern, string content) : TokenDecoder
{
    public override List<string> Decode(List<string> tokens)
    {
        if (pattern.Literal is { Length: > 0 } literal)
        {
            return tokens.ConvertAll(token => token.Replace(literal, content, StringComparison.Ordinal));
        }

        PatternMatcher matcher = new();
        List<PatternMatch> parts = [];
        return tokens.ConvertAll(token =>
        {
            matcher.Begin(token.Length);
            parts.Clear();
            pattern.FindAll(token, matcher, parts);
            StringBuilder text = new();
            foreach (PatternMatch part in parts)
            {
                text.Append(part.IsMatch ? content : token.AsSpan(part.Start, part.End - part.Start));
            }

            return text.ToString();
        });
    }
}
