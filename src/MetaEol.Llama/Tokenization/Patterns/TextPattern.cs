using System.Text;

namespace MetaEol.Llama.Tokenization;

/// <summary>A pattern of a tokenizer.json: a string, a regular expression, or a set of characters. Immutable.</summary>
internal sealed class TextPattern
{
    private readonly PatternProgram? _program;
    private readonly CharacterSet? _set;

    private TextPattern(string? literal, PatternProgram? program, CharacterSet? set)
    {
        Literal = literal;
        _program = program;
        _set = set;
    }

    /// <summary>The string, or null for an expression or a set.</summary>
    public string? Literal { get; }

    public static TextPattern OfLiteral(string literal) => new(literal, null, null);

    /// <exception cref="InvalidModelException">The expression is malformed, or uses what is not supported.</exception>
    public static TextPattern OfExpression(string expression) => new(null, PatternProgram.Compile(expression), null);

    /// <summary>The characters of a set, one at a time.</summary>
    public static TextPattern OfSet(CharacterSet set) => new(null, null, set);

    /// <summary>Adds the matches and what lies between them, in order and without gaps.</summary>
    public void FindAll(ReadOnlySpan<char> text, PatternMatcher matcher, List<PatternMatch> found)
    {
        if (_program is not null)
        {
            matcher.FindAll(_program, text, found);
            return;
        }

        if (_set is not null)
        {
            FindAll(_set, text, found);
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

    private static void FindAll(CharacterSet set, ReadOnlySpan<char> text, List<PatternMatch> found)
    {
        int open = 0;
        int position = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            int end = position + rune.Utf16SequenceLength;
            if (set.Contains(rune.Value))
            {
                if (open < position)
                {
                    found.Add(new(open, position, false));
                }

                found.Add(new(position, end, true));
                open = end;
            }

            position = end;
        }

        if (open < text.Length)
        {
            found.Add(new(open, text.Length, false));
        }
    }
}
