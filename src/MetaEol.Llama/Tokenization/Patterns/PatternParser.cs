using System.Globalization;
using System.Text;

namespace MetaEol.Llama.Tokenization;

/// <summary>Reads a regular expression in the syntax that Hugging Face's library gives to Oniguruma (its Ruby syntax).</summary>
/// <remarks>Where Oniguruma differs from .NET: <c>^ $</c> are about lines, <c>\h</c> is a hex digit, <c>{n,m}+</c> repeats the repetition, <c>{n}?</c> is optional.</remarks>
internal sealed class PatternParser
{
    private const int MaximumDepth = 100;
    private const int MaximumRepeat = 1000;

    private readonly string _source;
    private readonly int[] _codePoints;
    private int _at;
    private int _depth;
    private bool _ignoreCase;
    private bool _dotAll;

    private PatternParser(string source)
    {
        _source = source;
        _codePoints = [.. source.EnumerateRunes().Select(rune => rune.Value)];
    }

    /// <exception cref="InvalidModelException">The pattern is malformed, or uses what is not supported.</exception>
    public static PatternNode Parse(string source)
    {
        PatternParser parser = new(source);
        PatternNode node = parser.ParseAlternatives();
        if (parser._at < parser._codePoints.Length)
        {
            throw parser.Fail("has ')' without '('");
        }

        return node;
    }

    private int Peek(int ahead = 0) => _at + ahead < _codePoints.Length ? _codePoints[_at + ahead] : -1;

    private bool Accept(char expected)
    {
        if (Peek() != expected)
        {
            return false;
        }

        _at++;
        return true;
    }

    private bool Accept(string expected)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            if (Peek(i) != expected[i])
            {
                return false;
            }
        }

        _at += expected.Length;
        return true;
    }

    private InvalidModelException Fail(string what) => new($"The regular expression '{_source}' {what} (at character {_at}).");

    private InvalidModelException NotSupported(string what) => new(
        $"The regular expression '{_source}' uses {what} (at character {_at}), which is not supported. Supported are literals, classes, "
        + @"\d \s \w \h and \p{…}, alternatives, groups, (?i), greedy, lazy and possessive quantifiers, lookahead, lookbehind of fixed length and anchors.");

    private PatternNode ParseAlternatives()
    {
        if (++_depth > MaximumDepth)
        {
            throw NotSupported($"more than {MaximumDepth} nested groups");
        }

        // (?i) without a colon holds to the end of the enclosing group, over alternatives too.
        (bool ignoreCase, bool dotAll) = (_ignoreCase, _dotAll);
        List<PatternNode> alternatives = [ParseSequence()];
        while (Accept('|'))
        {
            alternatives.Add(ParseSequence());
        }

        (_ignoreCase, _dotAll) = (ignoreCase, dotAll);
        _depth--;
        return alternatives.Count == 1 ? alternatives[0] : new PatternNode.Alternatives(alternatives);
    }

    private PatternNode ParseSequence()
    {
        List<PatternNode> items = [];
        while (Peek() is not (-1 or '|' or ')'))
        {
            PatternNode? atom = ParseAtom();
            if (atom is not null)
            {
                items.Add(ParseQuantifiers(atom));
            }
        }

        return items.Count == 1 ? items[0] : new PatternNode.Sequence(items);
    }

    private PatternNode ParseQuantifiers(PatternNode atom)
    {
        while (true)
        {
            int mark = _at;
            (int minimum, int maximum) = (0, PatternNode.Repeat.Unbounded);
            bool interval = false;
            if (Accept('?'))
            {
                maximum = 1;
            }
            else if (Accept('+'))
            {
                minimum = 1;
            }
            else if (!Accept('*'))
            {
                interval = TryParseInterval(out minimum, out maximum);
                if (!interval)
                {
                    _at = mark;
                    return atom;
                }
            }

            if (interval && minimum == maximum && Accept('?'))
            {
                atom = new PatternNode.Repeat(new PatternNode.Repeat(atom, minimum, maximum, false), 0, 1, false);
            }
            else if (Accept('?'))
            {
                atom = new PatternNode.Repeat(atom, minimum, maximum, true);
            }
            else if (!interval && Accept('+'))
            {
                atom = new PatternNode.Atomic(new PatternNode.Repeat(atom, minimum, maximum, false));
            }
            else
            {
                atom = new PatternNode.Repeat(atom, minimum, maximum, false);
            }

            if (++_depth > MaximumDepth)
            {
                throw NotSupported($"more than {MaximumDepth} quantifiers behind one another");
            }

            _depth--;
        }
    }

    /// <summary>Reads <c>{n}</c>, <c>{n,}</c>, <c>{,m}</c> or <c>{n,m}</c>; anything else behind a brace makes it a literal.</summary>
    private bool TryParseInterval(out int minimum, out int maximum)
    {
        (minimum, maximum) = (0, PatternNode.Repeat.Unbounded);
        if (!Accept('{'))
        {
            return false;
        }

        int low = ParseNumber();
        int high = low;
        if (Accept(','))
        {
            high = ParseNumber();
            if (low < 0 && high < 0)
            {
                return false;
            }
        }
        else if (low < 0)
        {
            return false;
        }

        if (!Accept('}'))
        {
            return false;
        }

        minimum = Math.Max(low, 0);
        maximum = high < 0 ? PatternNode.Repeat.Unbounded : high;
        if (minimum > MaximumRepeat || (high > MaximumRepeat) || minimum > maximum)
        {
            throw NotSupported($"the repetition {{{low},{high}}} (bounds go from 0 to {MaximumRepeat}, the smaller first)");
        }

        return true;
    }

    private int ParseNumber()
    {
        int value = -1;
        while (Peek() is >= '0' and <= '9')
        {
            value = Math.Min((Math.Max(value, 0) * 10) + (_codePoints[_at++] - '0'), 1_000_000);
        }

        return value;
    }

    private PatternNode? ParseAtom()
    {
        int c = _codePoints[_at++];
        switch (c)
        {
            case '(':
                return ParseGroup();
            case '[':
                return new PatternNode.Set(ParseClass());
            case '.':
                return new PatternNode.Set(_dotAll ? CharacterSet.Any : CharacterSet.AnyButLineFeed);
            case '^':
                return new PatternNode.Anchor(PatternAnchor.LineStart);
            case '$':
                return new PatternNode.Anchor(PatternAnchor.LineEnd);
            case '*' or '+' or '?':
                throw Fail($"has the quantifier '{(char)c}' with nothing before it");
            case '\\':
                return ParseEscape();
            default:
                return new PatternNode.Set(CharacterSet.Single(c, _ignoreCase));
        }
    }

    private PatternNode ParseEscape()
    {
        PatternAnchor? anchor = Peek() switch
        {
            'A' => PatternAnchor.TextStart,
            'z' => PatternAnchor.TextEnd,
            'Z' => PatternAnchor.TextEndOrLastLineFeed,
            'b' => PatternAnchor.WordBoundary,
            'B' => PatternAnchor.NoWordBoundary,
            _ => null,
        };
        if (anchor is not null)
        {
            _at++;
            return new PatternNode.Anchor(anchor.Value);
        }

        if (Peek() is (>= '1' and <= '9') or 'k' or 'g')
        {
            throw NotSupported("a reference to a group");
        }

        return new PatternNode.Set(ParseEscapedSet(out int literal) ?? CharacterSet.Single(literal, _ignoreCase));
    }

    /// <summary>What follows a backslash: a set, or else a literal code point.</summary>
    private CharacterSet? ParseEscapedSet(out int literal)
    {
        literal = -1;
        if (Peek() < 0)
        {
            throw Fail("ends with a backslash");
        }

        int c = _codePoints[_at++];
        switch (c)
        {
            case 'd':
                return CharacterSet.Digit;
            case 'D':
                return CharacterSet.Digit.Complement();
            case 's':
                return CharacterSet.WhiteSpace;
            case 'S':
                return CharacterSet.WhiteSpace.Complement();
            case 'w':
                return CharacterSet.Word;
            case 'W':
                return CharacterSet.Word.Complement();
            case 'h':
                return CharacterSet.HexDigit;
            case 'H':
                return CharacterSet.HexDigit.Complement();
            case 'p' or 'P':
                return ParseProperty(c == 'P');
            default:
                literal = c switch
                {
                    't' => '\t',
                    'n' => '\n',
                    'r' => '\r',
                    'f' => '\f',
                    'v' => '\v',
                    'a' => '\a',
                    'e' => 0x1B,
                    '0' => 0,
                    'x' => ParseHex(Accept('{')),
                    'u' => ParseHex(false, 4),
                    _ when c < 128 && char.IsAsciiLetterOrDigit((char)c) => throw NotSupported($"the escape '\\{(char)c}'"),
                    _ => c,
                };
                return null;
        }
    }

    private int ParseHex(bool braced, int digits = 2)
    {
        int value = 0;
        int count = 0;
        while (Peek() is >= 0 and < 128 && char.IsAsciiHexDigit((char)Peek()) && count < (braced ? 8 : digits))
        {
            value = (value << 4) | int.Parse([(char)_codePoints[_at++]], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            count++;
        }

        if (count == 0 || (digits == 4 && count < 4) || (braced && !Accept('}')) || !Rune.IsValid(value))
        {
            throw Fail("has a hexadecimal escape that names no code point");
        }

        return value;
    }

    private CharacterSet ParseProperty(bool negated)
    {
        if (!Accept('{'))
        {
            throw Fail(@"has \p without {name}");
        }

        negated ^= Accept('^');
        int start = _at;
        while (Peek() is not (-1 or '}'))
        {
            _at++;
        }

        string name = string.Concat(_codePoints[start.._at].Select(char.ConvertFromUtf32));
        if (!Accept('}'))
        {
            throw Fail(@"has \p{ without }");
        }

        CharacterSet set = PropertyName.Find(name)
            ?? throw new InvalidModelException($"The regular expression '{_source}' uses the property '{name}', which is not supported. Supported are {PropertyName.Supported}.");
        return negated ? set.Complement() : set;
    }

    private PatternNode? ParseGroup()
    {
        if (!Accept('?'))
        {
            return Close(ParseAlternatives());
        }

        if (Accept(':'))
        {
            return Close(ParseAlternatives());
        }

        if (Accept('='))
        {
            return new PatternNode.Look(Close(ParseAlternatives()), false, false);
        }

        if (Accept('!'))
        {
            return new PatternNode.Look(Close(ParseAlternatives()), false, true);
        }

        if (Accept('>'))
        {
            return new PatternNode.Atomic(Close(ParseAlternatives()));
        }

        if (Accept("<=") || Accept("<!"))
        {
            return LookBehind(_codePoints[_at - 1] == '!');
        }

        if (Accept('#'))
        {
            while (Peek() is not (-1 or ')'))
            {
                _at++;
            }

            return Accept(')') ? null : throw Fail("has a comment without its ')'");
        }

        if (Accept('<') || Accept('\''))
        {
            int close = _codePoints[_at - 1] == '<' ? '>' : '\'';
            while (Peek() >= 0 && Peek() != close)
            {
                _at++;
            }

            _at++;
            return Close(ParseAlternatives());
        }

        return ParseOptions();
    }

    private PatternNode.Look LookBehind(bool negative)
    {
        PatternNode body = Close(ParseAlternatives());
        IReadOnlyList<PatternNode> alternatives = body is PatternNode.Alternatives several ? several.Items : [body];
        if (alternatives.Any(alternative => alternative.FixedLength is null))
        {
            throw NotSupported("a lookbehind of varying length");
        }

        return new PatternNode.Look(body, true, negative);
    }

    private PatternNode? ParseOptions()
    {
        (bool ignoreCase, bool dotAll) = (_ignoreCase, _dotAll);
        bool on = true;
        while (true)
        {
            int c = Peek();
            _at++;
            switch (c)
            {
                case '-':
                    on = false;
                    break;
                case 'i':
                    _ignoreCase = on;
                    break;
                case 'm':
                    _dotAll = on;
                    break;
                case ')':
                    // The rest of the enclosing group is read with these options; that group restores them.
                    PatternNode rest = ParseAlternatives();
                    return rest;
                case ':':
                    PatternNode node = Close(ParseAlternatives());
                    (_ignoreCase, _dotAll) = (ignoreCase, dotAll);
                    return node;
                default:
                    _at--;
                    throw NotSupported(c < 0 ? "an unfinished group" : $"the group '(?{char.ConvertFromUtf32(c)}…'");
            }
        }
    }

    private PatternNode Close(PatternNode body) => Accept(')') ? body : throw Fail("has '(' without ')'");

    /// <summary>A bracketed class, behind its opening bracket.</summary>
    private CharacterSet ParseClass()
    {
        if (++_depth > MaximumDepth)
        {
            throw NotSupported($"more than {MaximumDepth} nested classes");
        }

        bool negated = Accept('^');
        CharacterSet? intersection = null;
        List<CharacterSet> members = [];
        bool first = true;
        while (true)
        {
            int c = Peek();
            if (c < 0)
            {
                throw Fail("has '[' without ']'");
            }

            if (c == ']' && !first)
            {
                _at++;
                break;
            }

            first = false;
            if (Accept("&&"))
            {
                intersection = Intersect(intersection, members);
                members = [];
            }
            else if (Accept("[:"))
            {
                members.Add(ParsePosixClass());
            }
            else if (Accept('['))
            {
                members.Add(ParseClass());
            }
            else
            {
                members.Add(ParseClassMember());
            }
        }

        _depth--;
        CharacterSet set = Intersect(intersection, members);
        return negated ? set.Complement() : set;
    }

    private CharacterSet Intersect(CharacterSet? left, List<CharacterSet> members)
    {
        CharacterSet right = CharacterSet.Union(members, _ignoreCase);
        return left is null ? right : CharacterSet.Intersection(left, right);
    }

    private CharacterSet ParseClassMember()
    {
        CharacterSet? set = ParseClassAtom(out int low);
        if (set is not null)
        {
            return set;
        }

        if (Peek() != '-' || Peek(1) is -1 or ']' or '[' || (Peek(1) == '&' && Peek(2) == '&'))
        {
            return CharacterSet.Of(0, (low, low));
        }

        int mark = _at++;
        if (ParseClassAtom(out int high) is not null)
        {
            // [a-\d]: the hyphen stands for itself.
            _at = mark;
            return CharacterSet.Of(0, (low, low));
        }

        return high < low ? throw Fail("has a range that ends before it starts") : CharacterSet.Of(0, (low, high));
    }

    private CharacterSet? ParseClassAtom(out int literal)
    {
        literal = _codePoints[_at++];
        if (literal != '\\')
        {
            return null;
        }

        if (Accept('b'))
        {
            literal = '\b';
            return null;
        }

        return ParseEscapedSet(out literal);
    }

    private CharacterSet ParsePosixClass()
    {
        bool negated = Accept('^');
        int start = _at;
        while (Peek() is not (-1 or ':'))
        {
            _at++;
        }

        string name = string.Concat(_codePoints[start.._at].Select(char.ConvertFromUtf32));
        if (!Accept(":]") || name is not ("digit" or "space" or "word" or "xdigit" or "ascii"))
        {
            throw NotSupported($"the class '[:{name}:]' (digit, space, word, xdigit and ascii are supported)");
        }

        CharacterSet set = PropertyName.Find(name)!;
        return negated ? set.Complement() : set;
    }
}
