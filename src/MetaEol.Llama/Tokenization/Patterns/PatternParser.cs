namespace MetaEol.Llama.Tokenization;

/// <summary>Reads a regular expression in the syntax that Hugging Face's library gives to Oniguruma (its Ruby syntax).</summary>
/// <remarks>Where Oniguruma differs from .NET: <c>^ $</c> are about lines, <c>\h</c> is a hex digit, <c>{n,m}+</c> repeats the repetition, <c>{n}?</c> is optional.</remarks>
internal sealed class PatternParser
{
    // Published expressions have some seven hundred characters at most.
    private const int MaximumLength = 10_000;
    private const int MaximumDepth = 100;
    private const int MaximumNodeDepth = 500;
    private const int MaximumRepeat = 1000;

    private readonly PatternCursor _cursor;
    private int _depth;
    private bool _ignoreCase;
    private bool _dotAll;

    private PatternParser(string source)
    {
        _cursor = new(source);
    }

    /// <exception cref="InvalidModelException">The pattern is malformed, or uses what is not supported.</exception>
    public static PatternNode Parse(string source)
    {
        if (source.Length > MaximumLength)
        {
            throw new InvalidModelException($"The regular expression {PatternProgram.Quote(source)} has {source.Length} characters; at most {MaximumLength} are read.");
        }

        PatternParser parser = new(source);
        PatternNode node = parser.ParseAlternatives();
        if (!parser._cursor.IsAtEnd)
        {
            throw parser._cursor.Fail("has ')' without '('");
        }

        return node;
    }

    private PatternNode ParseAlternatives()
    {
        if (++_depth > MaximumDepth)
        {
            throw _cursor.NotSupported($"more than {MaximumDepth} nested groups");
        }

        // (?i) without a colon holds to the end of the enclosing group, over alternatives too.
        (bool ignoreCase, bool dotAll) = (_ignoreCase, _dotAll);
        List<PatternNode> alternatives = [ParseSequence()];
        while (_cursor.Accept('|'))
        {
            alternatives.Add(ParseSequence());
        }

        (_ignoreCase, _dotAll) = (ignoreCase, dotAll);
        _depth--;
        return CheckDepth(alternatives.Count == 1 ? alternatives[0] : new PatternNode.Alternatives(alternatives));
    }

    private PatternNode ParseSequence()
    {
        List<PatternNode> items = [];
        while (_cursor.Peek() is not (-1 or '|' or ')'))
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
            int mark = _cursor.Position;
            (int minimum, int maximum) = (0, PatternNode.Repeat.Unbounded);
            bool interval = false;
            if (_cursor.Accept('?'))
            {
                maximum = 1;
            }
            else if (_cursor.Accept('+'))
            {
                minimum = 1;
            }
            else if (!_cursor.Accept('*'))
            {
                interval = TryParseInterval(out minimum, out maximum);
                if (!interval)
                {
                    _cursor.Position = mark;
                    return atom;
                }
            }

            if (interval && minimum == maximum && _cursor.Accept('?'))
            {
                atom = new PatternNode.Repeat(new PatternNode.Repeat(atom, minimum, maximum, false), 0, 1, false);
            }
            else if (_cursor.Accept('?'))
            {
                atom = new PatternNode.Repeat(atom, minimum, maximum, true);
            }
            else if (!interval && _cursor.Accept('+'))
            {
                atom = new PatternNode.Atomic(new PatternNode.Repeat(atom, minimum, maximum, false));
            }
            else
            {
                atom = new PatternNode.Repeat(atom, minimum, maximum, false);
            }

            CheckDepth(atom);
        }
    }

    /// <summary>Groups and quantifiers about one another become a tree that deep, which the compiler goes down.</summary>
    private PatternNode CheckDepth(PatternNode node) => node.Depth <= MaximumNodeDepth
        ? node
        : throw _cursor.NotSupported($"groups and quantifiers nested more than {MaximumNodeDepth} deep");

    /// <summary>Reads <c>{n}</c>, <c>{n,}</c>, <c>{,m}</c> or <c>{n,m}</c>; anything else behind a brace makes it a literal.</summary>
    private bool TryParseInterval(out int minimum, out int maximum)
    {
        (minimum, maximum) = (0, PatternNode.Repeat.Unbounded);
        if (!_cursor.Accept('{'))
        {
            return false;
        }

        int low = _cursor.ReadNumber();
        int high = low;
        if (_cursor.Accept(','))
        {
            high = _cursor.ReadNumber();
            if (low < 0 && high < 0)
            {
                return false;
            }
        }
        else if (low < 0)
        {
            return false;
        }

        if (!_cursor.Accept('}'))
        {
            return false;
        }

        minimum = Math.Max(low, 0);
        maximum = high < 0 ? PatternNode.Repeat.Unbounded : high;
        if (minimum > MaximumRepeat || (high > MaximumRepeat) || minimum > maximum)
        {
            throw _cursor.NotSupported($"the repetition {{{low},{high}}} (bounds go from 0 to {MaximumRepeat}, the smaller first)");
        }

        return true;
    }

    private PatternNode? ParseAtom()
    {
        int c = _cursor.Read();
        switch (c)
        {
            case '(':
                return ParseGroup();
            case '[':
                return new PatternNode.Set(CharacterSetParser.ParseClass(_cursor, _ignoreCase));
            case '.':
                return new PatternNode.Set(_dotAll ? CharacterSet.Any : CharacterSet.AnyButLineFeed);
            case '^':
                return new PatternNode.Anchor(PatternAnchor.LineStart);
            case '$':
                return new PatternNode.Anchor(PatternAnchor.LineEnd);
            case '*' or '+' or '?':
                throw _cursor.Fail($"has the quantifier '{(char)c}' with nothing before it");
            case '\\':
                return ParseEscape();
            default:
                return new PatternNode.Set(CharacterSet.Single(c, _ignoreCase));
        }
    }

    private PatternNode ParseEscape()
    {
        PatternAnchor? anchor = _cursor.Peek() switch
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
            _cursor.Position++;
            return new PatternNode.Anchor(anchor.Value);
        }

        if (_cursor.Peek() is (>= '1' and <= '9') or 'k' or 'g')
        {
            throw _cursor.NotSupported("a reference to a group");
        }

        return new PatternNode.Set(CharacterSetParser.ParseEscape(_cursor, out int literal) ?? CharacterSet.Single(literal, _ignoreCase));
    }

    private PatternNode? ParseGroup()
    {
        if (!_cursor.Accept('?'))
        {
            return Close(ParseAlternatives());
        }

        if (_cursor.Accept(':'))
        {
            return Close(ParseAlternatives());
        }

        if (_cursor.Accept('='))
        {
            return new PatternNode.Look(Close(ParseAlternatives()), false, false);
        }

        if (_cursor.Accept('!'))
        {
            return new PatternNode.Look(Close(ParseAlternatives()), false, true);
        }

        if (_cursor.Accept('>'))
        {
            return new PatternNode.Atomic(Close(ParseAlternatives()));
        }

        if (_cursor.Accept("<=") || _cursor.Accept("<!"))
        {
            return LookBehind(_cursor.Last == '!');
        }

        if (_cursor.Accept('#'))
        {
            _cursor.ReadUntil(')');
            return _cursor.Accept(')') ? null : throw _cursor.Fail("has a comment without its ')'");
        }

        if (_cursor.Accept('<') || _cursor.Accept('\''))
        {
            int close = _cursor.Last == '<' ? '>' : '\'';
            _cursor.ReadUntil(close);
            if (!_cursor.Accept((char)close))
            {
                throw _cursor.Fail("has a named group without the end of its name");
            }

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
            throw _cursor.NotSupported("a lookbehind of varying length");
        }

        return new PatternNode.Look(body, true, negative);
    }

    private PatternNode? ParseOptions()
    {
        (bool ignoreCase, bool dotAll) = (_ignoreCase, _dotAll);
        bool on = true;
        while (true)
        {
            int c = _cursor.Peek();
            _cursor.Position++;
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
                    _cursor.Position--;
                    throw _cursor.NotSupported(c < 0 ? "an unfinished group" : $"the group '(?{char.ConvertFromUtf32(c)}…'");
            }
        }
    }

    private PatternNode Close(PatternNode body) => _cursor.Accept(')') ? body : throw _cursor.Fail("has '(' without ')'");
}
