using System.Globalization;
using System.Text;

namespace MetaEol.Llama.Tokenization;

/// <summary>A set of code points, as a character class names it: general categories, ranges, and unions, intersections and complements of these.</summary>
/// <remarks>Unlike a .NET character class it knows code points above U+FFFF. ASCII members are looked up in a bitmap made once.</remarks>
internal sealed class CharacterSet
{
    private const uint Letters = 0b1_1111;
    private const uint Marks = 0b111 << (int)UnicodeCategory.NonSpacingMark;

    private readonly uint _categories;
    private readonly (int First, int Last)[] _ranges;
    private readonly CharacterSet[] _anyOf;
    private readonly CharacterSet[] _allOf;
    private readonly bool _negated;
    private readonly bool _ignoreCase;
    private readonly ulong _asciiLow;
    private readonly ulong _asciiHigh;

    private CharacterSet(uint categories, (int First, int Last)[] ranges, CharacterSet[] anyOf, CharacterSet[] allOf, bool negated, bool ignoreCase)
    {
        _categories = categories;
        _ranges = ranges;
        _anyOf = anyOf;
        _allOf = allOf;
        _negated = negated;
        _ignoreCase = ignoreCase;
        for (int i = 0; i < 64; i++)
        {
            _asciiLow |= Evaluate(i) ? 1UL << i : 0;
            _asciiHigh |= Evaluate(i + 64) ? 1UL << i : 0;
        }
    }

    /// <summary>Unicode's White_Space.</summary>
    public static CharacterSet WhiteSpace { get; } = Of(
        Bit(UnicodeCategory.SpaceSeparator) | Bit(UnicodeCategory.LineSeparator) | Bit(UnicodeCategory.ParagraphSeparator), (0x09, 0x0D), (0x85, 0x85));

    /// <summary>General category Nd.</summary>
    public static CharacterSet Digit { get; } = Of(Bit(UnicodeCategory.DecimalDigitNumber));

    /// <summary>Word characters: Alphabetic, marks, decimal digits and connector punctuation.</summary>
    /// <remarks>Alphabetic is L, Nl, some marks and four runs of circled and squared Latin letters.</remarks>
    public static CharacterSet Word { get; } = Of(
        Letters | Marks | Bit(UnicodeCategory.DecimalDigitNumber) | Bit(UnicodeCategory.LetterNumber) | Bit(UnicodeCategory.ConnectorPunctuation),
        (0x24B6, 0x24E9),
        (0x1F130, 0x1F149),
        (0x1F150, 0x1F169),
        (0x1F170, 0x1F189));

    /// <summary>Hexadecimal digits of ASCII.</summary>
    public static CharacterSet HexDigit { get; } = Of(0, ('0', '9'), ('A', 'F'), ('a', 'f'));

    /// <summary>Every code point.</summary>
    public static CharacterSet Any { get; } = Of(0, (0, 0x10FFFF));

    /// <summary>Every code point but the line feed.</summary>
    public static CharacterSet AnyButLineFeed { get; } = Of(0, (0, '\n' - 1), ('\n' + 1, 0x10FFFF));

    public static uint Bit(UnicodeCategory category) => 1u << (int)category;

    public static CharacterSet Of(uint categories, params (int First, int Last)[] ranges) => new(categories, ranges, [], [], false, false);

    /// <summary>One code point, or with <paramref name="ignoreCase"/> all that fold to the same.</summary>
    public static CharacterSet Single(int codePoint, bool ignoreCase) => new(0, [(codePoint, codePoint)], [], [], false, ignoreCase);

    public static CharacterSet Union(IReadOnlyList<CharacterSet> sets, bool ignoreCase) =>
        sets.Count == 1 && !ignoreCase ? sets[0] : new(0, [], [.. sets], [], false, ignoreCase);

    public static CharacterSet Intersection(CharacterSet left, CharacterSet right) => new(0, [], [], [left, right], false, false);

    public CharacterSet Complement() => new(0, [], [this], [], true, false);

    public bool Contains(int codePoint) => codePoint switch
    {
        < 64 => (_asciiLow >> codePoint & 1) != 0,
        < 128 => (_asciiHigh >> (codePoint - 64) & 1) != 0,
        _ => Evaluate(codePoint),
    };

    /// <summary>The simple case folding that the reference's expressions use: what lower case of upper case gives.</summary>
    public static int Fold(int codePoint)
    {
        // The dotless i folds to itself, although its upper case is I.
        if (codePoint is 0x131 or 0x130 || !Rune.IsValid(codePoint))
        {
            return codePoint;
        }

        return Rune.ToLowerInvariant(Rune.ToUpperInvariant(new Rune(codePoint))).Value;
    }

    private bool Evaluate(int codePoint)
    {
        bool found = Includes(codePoint);
        if (!found && _ignoreCase && Rune.IsValid(codePoint))
        {
            Rune rune = new(codePoint);
            int fold = Fold(codePoint);
            found = Includes(fold) || Includes(Rune.ToUpperInvariant(rune).Value) || Includes(Rune.ToLowerInvariant(rune).Value) || IncludesFoldOf(fold);
        }

        return found != _negated;
    }

    /// <summary>Letters that fold to the same without being the upper or lower case of each other (Kelvin sign, long s, final sigma ...).</summary>
    private bool IncludesFoldOf(int fold)
    {
        foreach ((int first, int last) in _ranges)
        {
            if (first == last && Fold(first) == fold)
            {
                return true;
            }
        }

        foreach (CharacterSet set in _anyOf)
        {
            if (set._allOf.Length == 0 && !set._negated && set.IncludesFoldOf(fold))
            {
                return true;
            }
        }

        return false;
    }

    private bool Includes(int codePoint)
    {
        if (_categories != 0 && (_categories >> (int)CharUnicodeInfo.GetUnicodeCategory(codePoint) & 1) != 0)
        {
            return true;
        }

        foreach ((int first, int last) in _ranges)
        {
            if (codePoint >= first && codePoint <= last)
            {
                return true;
            }
        }

        foreach (CharacterSet set in _anyOf)
        {
            if (set.Contains(codePoint))
            {
                return true;
            }
        }

        if (_allOf.Length > 0)
        {
            foreach (CharacterSet set in _allOf)
            {
                if (!set.Contains(codePoint))
                {
                    return false;
                }
            }

            return true;
        }

        return false;
    }
}
