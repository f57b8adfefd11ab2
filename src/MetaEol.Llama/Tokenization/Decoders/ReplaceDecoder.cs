using System.Text;

namespace MetaEol.Llama.Tokenization;

/// <summary><c>Replace</c>: in every token, every match of a pattern becomes a string.</summary>
internal sealed class ReplaceDecoder(TextPattern pattern, string content) : TokenDecoder
{
    public override List<string> Decode(List<string> tokens, TextBudget budget)
    {
        PatternMatcher matcher = new();
        matcher.Begin(tokens.Sum(token => (long)token.Length));
        List<PatternMatch> parts = [];
        return tokens.ConvertAll(token =>
        {
            parts.Clear();
            pattern.FindAll(token, matcher, parts);
            if (!parts.Exists(part => part.IsMatch))
            {
                return token;
            }

            StringBuilder text = new();
            foreach (PatternMatch part in parts)
            {
                budget.Spend(part.IsMatch ? content.Length : 0);
                text.Append(part.IsMatch ? content : token.AsSpan(part.Start, part.End - part.Start));
            }

            return text.ToString();
        });
    }
}
