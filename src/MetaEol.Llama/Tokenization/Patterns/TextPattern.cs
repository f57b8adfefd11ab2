namespace MetaEol.Llama.Tokenization;

/// <summary>A pattern of a tokenizer.json: a string, a regular expression, or a set of characters. Immutable.</summary>
internal sealed class TextPattern
{
    private readonly PatternProgram? _program;

    private TextPattern(string? literal, PatternProgram? program)
    {
        Literal = literal;
        _program = program;
    }

    /// <summary>Any decimal digit, letter number or other number, one at a time.</summary>
    public static TextPattern Numeric { get; } = OfExpression(@"\p{N}");

    /// <summary>The string, or null for an expression.</summary>
    public string? Literal { get; }

    public static TextPattern OfLiteral(string literal) => new(literal, null);

    /// <exception cref="InvalidModelException">The expression is malformed, or uses what is not supported.</exception>
    public static TextPattern OfExpression(string expression) => new(null, PatternProgram.Compile(expression));

    /// <summary>Adds the matches and what lies between them, in order and without gaps.</summary>
    public void FindAll(ReadOnlySpan<char> text, PatternMatcher matcher, List<PatternMatch> found)
    {
        if (_program is not null)
        {
            matcher.FindAll(_program, text, found);
            return;
        }

        int position = 0;
        while (Literal!.Length > 0)
        {
            int match = text[position..].IndexOf(Literal, StringComparison.Ordinal);
            if (match < 0)
            {
                break;
            }

            if (match > 0)
            {
                found.Add(new(position, position + match, false));
            }

            position += match + Literal.Length;
            found.Add(new(position - Literal.Length, position, true));
        }

        if (position < text.Length)
        {
            found.Add(new(position, text.Length, false));
        }
    }
}
