using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Tokenization;

/// <summary>Reads what names a set of code points in a pattern: bracketed classes, escapes and properties.</summary>
internal static class CharacterSetParser
{
    private const int MaximumDepth = 100;

    /// <summary>What follows a backslash: a set, or else a literal code point.</summary>
    public static CharacterSet? ParseEscape(PatternCursor cursor, out int literal)
    {
        literal = -1;
        if (cursor.IsAtEnd)
        {
            throw cursor.Fail("ends with a backslash");
        }

        int c = cursor.Read();
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
                return ParseProperty(cursor, c == 'P');
            default:
                literal = ParseLiteralEscape(cursor, c);
                return null;
        }
    }

    /// <summary>A bracketed class, behind its opening bracket.</summary>
    public static CharacterSet ParseClass(PatternCursor cursor, bool ignoreCase, int depth = 0)
    {
        if (depth > MaximumDepth)
        {
            throw cursor.NotSupported($"more than {MaximumDepth} nested classes");
        }

        bool negated = cursor.Accept('^');
        List<CharacterSet> operands = [];
        List<CharacterSet> members = [];
        bool first = true;
        while (true)
        {
            int c = cursor.Peek();
            if (c < 0)
            {
                throw cursor.Fail("has '[' without ']'");
            }

            if (c == ']' && !first)
            {
                cursor.Position++;
                break;
            }

            first = false;
            if (cursor.Accept("&&"))
            {
                operands.Add(CharacterSet.Union(members, ignoreCase));
                members = [];
            }
            else if (cursor.Accept("[:"))
            {
                members.Add(ParsePosixClass(cursor));
            }
            else if (cursor.Accept('['))
            {
                members.Add(ParseClass(cursor, ignoreCase, depth + 1));
            }
            else
            {
                members.Add(ParseMember(cursor));
            }
        }

        operands.Add(CharacterSet.Union(members, ignoreCase));
        CharacterSet set = CharacterSet.Intersection(operands);
        return negated ? set.Complement() : set;
    }

    private static int ParseLiteralEscape(PatternCursor cursor, int c)
    {
        switch (c)
        {
            case 't':
                return '\t';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 'f':
                return '\f';
            case 'v':
                return '\v';
            case 'a':
                return '\a';
            case 'e':
                return 0x1B;
            case '0':
                return 0;
            case 'u':
                return cursor.ReadHex(4, 4);
            case 'x' when cursor.Accept('{'):
                int value = cursor.ReadHex(1, 8);
                return cursor.Accept('}') ? value : throw cursor.Fail(@"has \x{ without }");
            case 'x':
                return cursor.ReadHex(1, 2);
            default:
                return c < 128 && char.IsAsciiLetterOrDigit((char)c) ? throw cursor.NotSupported($"the escape '\\{(char)c}'") : c;
        }
    }

    private static CharacterSet ParseProperty(PatternCursor cursor, bool negated)
    {
        if (!cursor.Accept('{'))
        {
            throw cursor.Fail(@"has \p without {name}");
        }

        negated ^= cursor.Accept('^');
        string name = cursor.ReadUntil('}');
        if (!cursor.Accept('}'))
        {
            throw cursor.Fail(@"has \p{ without }");
        }

        CharacterSet set = PropertyName.Find(name) ?? throw new InvalidModelException(
            $"The regular expression {PatternProgram.Quote(cursor.Source)} uses the property {ModelFile.Quote(name)}, which is not supported. Supported are {PropertyName.Supported}.");
        return negated ? set.Complement() : set;
    }

    private static CharacterSet ParseMember(PatternCursor cursor)
    {
        CharacterSet? set = ParseMemberAtom(cursor, out int low);
        if (set is not null)
        {
            return set;
        }

        if (cursor.Peek() != '-' || cursor.Peek(1) is -1 or ']' or '[' || (cursor.Peek(1) == '&' && cursor.Peek(2) == '&'))
        {
            return CharacterSet.Of(0, (low, low));
        }

        int hyphen = cursor.Position++;
        if (ParseMemberAtom(cursor, out int high) is not null)
        {
            // [a-\d]: the hyphen stands for itself.
            cursor.Position = hyphen;
            return CharacterSet.Of(0, (low, low));
        }

        return high < low ? throw cursor.Fail("has a range that ends before it starts") : CharacterSet.Of(0, (low, high));
    }

    private static CharacterSet? ParseMemberAtom(PatternCursor cursor, out int literal)
    {
        literal = cursor.Read();
        if (literal != '\\')
        {
            return null;
        }

        if (cursor.Accept('b'))
        {
            literal = '\b';
            return null;
        }

        return ParseEscape(cursor, out literal);
    }

    private static CharacterSet ParsePosixClass(PatternCursor cursor)
    {
        bool negated = cursor.Accept('^');
        string name = cursor.ReadUntil(':');
        if (!cursor.Accept(":]") || name is not ("digit" or "space" or "word" or "xdigit" or "ascii"))
        {
            throw cursor.NotSupported($"the class '[:{ModelFile.Visible(name, 80)}:]' (digit, space, word, xdigit and ascii are supported)");
        }

        CharacterSet set = PropertyName.Find(name)!;
        return negated ? set.Complement() : set;
    }
}
