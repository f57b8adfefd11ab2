using System.Globalization;
using System.Text;

namespace MetaEol.Llama.Tokenization;

/// <summary>A set of code points, as a character class names it: general categories, ranges, and unions, intersections and complements of these.</summary>
/// <remarks>
/// Unlike a .NET character class it knows code points above U+FFFF. ASCII members are looked up in a bitmap made once. Members of a union that are categories and
/// ranges themselves become one list of ranges, in order; only what cannot is looked up part by part.
/// </remarks>
internal sealed class CharacterSet
{
    private const uint Letters = 0b1_1111;
    private const uint Marks = 0b111 << (int)UnicodeCategory.NonSpacingMark;

    private readonly uint _categories;
    private readonly (int First, int Last)[] _ranges;
    private readonly CharacterSet[] _anyOf;
    private readonly CharacterSet[] _allOf;
    private readonly bool _negated;

    /// <summary>With case ignored, what the single members fold to; else null.</summary>
    private readonly HashSet<int>? _folds;

    /// <summary>Whether upper and lower case are both in it or both not.</summary>
    private readonly bool _ignoresCase;
    private readonly ulong _asciiLow;
    private readonly ulong _asciiHigh;
    private CharacterSet? _complement;

    private CharacterSet(uint categories, (int First, int Last)[] ranges, CharacterSet[] anyOf, CharacterSet[] allOf, bool negated, HashSet<int>? folds)
    {
        _categories = categories;
        _ranges = ranges;
        _anyOf = anyOf;
        _allOf = allOf;
        _negated = negated;
        _folds = folds;
        _ignoresCase = folds is not null || (anyOf.Length + allOf.Length > 0 && categories == 0 && ranges.Length == 0 && anyOf.Concat(allOf).All(set => set._ignoresCase));
        Cost = 1 + anyOf.Sum(set => set.Cost) + allOf.Sum(set => set.Cost) + (folds is null ? 0 : 3 * (1 + anyOf.Count(set => !set._ignoresCase)));
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

    /// <summary>General categories Nd, Nl and No.</summary>
    public static CharacterSet Numeric { get; } =
        Of(Bit(UnicodeCategory.DecimalDigitNumber) | Bit(UnicodeCategory.LetterNumber) | Bit(UnicodeCategory.OtherNumber));

    /// <summary>Every code point.</summary>
    public static CharacterSet Any { get; } = Of(0, (0, 0x10FFFF));

    /// <summary>Every code point but the line feed.</summary>
    public static CharacterSet AnyButLineFeed { get; } = Of(0, (0, '\n' - 1), ('\n' + 1, 0x10FFFF));

    /// <summary>How many parts a look-up may have to ask: 1 for categories and ranges.</summary>
    public int Cost { get; }

    private bool IsPlain => _anyOf.Length == 0 && _allOf.Length == 0 && !_negated && _folds is null;

    public static uint Bit(UnicodeCategory category) => 1u << (int)category;

    /// <param name="categories">General categories, a bit for each.</param>
    /// <param name="ranges">Ranges, both ends included.</param>
    public static CharacterSet Of(uint categories, params (int First, int Last)[] ranges) => new(categories, Merge([.. ranges]), [], [], false, null);

    /// <summary>One code point, or with <paramref name="ignoreCase"/> all that fold to the same.</summary>
    public static CharacterSet Single(int codePoint, bool ignoreCase) => new(0, [(codePoint, codePoint)], [], [], false, ignoreCase ? [Fold(codePoint)] : null);

    public static CharacterSet Union(IReadOnlyList<CharacterSet> sets, bool ignoreCase)
    {
        if (sets.Count == 1 && (!ignoreCase || sets[0]._ignoresCase))
        {
            return sets[0];
        }

        uint categories = 0;
        List<(int First, int Last)> ranges = [];
        List<CharacterSet> others = [];
        foreach (CharacterSet set in sets)
        {
            if (set.IsPlain)
            {
                categories |= set._categories;
                ranges.AddRange(set._ranges);
            }
            else
            {
                others.Add(set);
            }
        }

        HashSet<int>? folds = ignoreCase ? [.. ranges.Where(range => range.First == range.Last).Select(range => Fold(range.First))] : null;
        return new(categories, Merge(ranges), [.. others.Distinct()], [], false, folds);
    }

    /// <summary>What all of several sets have.</summary>
    public static CharacterSet Intersection(IReadOnlyList<CharacterSet> sets) => sets.Count == 1 ? sets[0] : new(0, [], [], [.. sets], false, null);

    /// <summary>Everything else; the same object each time.</summary>
    public CharacterSet Complement() => _complement ??= new(_categories, _ranges, _anyOf, _allOf, !_negated, _folds);

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

    /// <summary>Ranges in order, those that touch joined.</summary>
    private static (int First, int Last)[] Merge(List<(int First, int Last)> ranges)
    {
        // As single numbers: sorting these needs no code of its own.
        long[] sorted = new long[ranges.Count];
        for (int i = 0; i < sorted.Length; i++)
        {
            sorted[i] = ((long)ranges[i].First << 32) | (uint)ranges[i].Last;
        }

        Array.Sort(sorted);
        List<(int First, int Last)> merged = new(sorted.Length);
        foreach (long range in sorted)
        {
            (int first, int last) = ((int)(range >> 32), (int)range);
            if (merged.Count > 0 && first <= merged[^1].Last + 1)
            {
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, last));
            }
            else
            {
                merged.Add((first, last));
            }
        }

        return [.. merged];
    }

    private bool Evaluate(int codePoint)
    {
        bool found = Includes(codePoint);
        if (!found && _folds is not null && Rune.IsValid(codePoint))
        {
            // Some letters fold to the same without being the upper or lower case of each other: the Kelvin sign, the long s, the final sigma.
            Rune rune = new(codePoint);
            int fold = Fold(codePoint);
            found = _folds.Contains(fold) || IncludesOtherCase(fold)
                || IncludesOtherCase(Rune.ToUpperInvariant(rune).Value) || IncludesOtherCase(Rune.ToLowerInvariant(rune).Value);
        }

        return found != _negated;
    }

    /// <summary>A part that ignores case itself has the answer already; to ask it for every case, and it its own parts, would take exponential time.</summary>
    private bool IncludesOtherCase(int codePoint)
    {
        if (IsInCategoriesOrRanges(codePoint))
        {
            return true;
        }

        foreach (CharacterSet set in _anyOf)
        {
            if (!set._ignoresCase && set.Contains(codePoint))
            {
                return true;
            }
        }

        return false;
    }

    private bool Includes(int codePoint)
    {
        if (IsInCategoriesOrRanges(codePoint))
        {
            return true;
        }

        foreach (CharacterSet set in _anyOf)
        {
            if (set.Contains(codePoint))
            {
                return true;
            }
        }

        foreach (CharacterSet set in _allOf)
        {
            if (!set.Contains(codePoint))
            {
                return false;
            }
        }

        return _allOf.Length > 0;
    }

    private bool IsInCategoriesOrRanges(int codePoint)
    {
        if (_categories != 0 && (_categories >> (int)CharUnicodeInfo.GetUnicodeCategory(codePoint) & 1) != 0)
        {
            return true;
        }

        (int low, int high) = (0, _ranges.Length);
        while (low < high)
        {
            int middle = (low + high) >> 1;
            (int first, int last) = _ranges[middle];
            if (codePoint < first)
            {
                high = middle;
            }
            else if (codePoint > last)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }
}
