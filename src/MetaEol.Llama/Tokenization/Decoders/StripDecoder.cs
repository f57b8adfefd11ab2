using System.Text;

namespace MetaEol.Llama.Tokenization;

/// <summary><c>Strip</c>: removes a character from the ends of every token, up to a number of times.</summary>
internal sealed class StripDecoder(Rune content, int start, int stop) : TokenDecoder
{
    public override List<string> Decode(List<string> tokens, TextBudget budget)
    {
        string text = content.ToString();
        return tokens.ConvertAll(token =>
        {
            ReadOnlySpan<char> rest = token;
            for (int i = 0; i < start && rest.StartsWith(text, StringComparison.Ordinal); i++)
            {
                rest = rest[text.Length..];
            }

            for (int i = 0; i < stop && rest.EndsWith(text, StringComparison.Ordinal); i++)
            {
                rest = rest[..^text.Length];
            }

            return rest.ToString();
        });
    }
}
