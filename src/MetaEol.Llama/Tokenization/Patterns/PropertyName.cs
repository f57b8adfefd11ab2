using System.Globalization;

namespace MetaEol.Llama.Tokenization;

/// <summary>Names that may stand in <c>\p{…}</c>: the general categories of Unicode, short and long, and a few properties and scripts.</summary>
internal static class PropertyName
{
    private static readonly Dictionary<string, CharacterSet> Names = CreateNames();

    /// <summary>What is accepted, for error messages.</summary>
    public static string Supported => "the general categories (L, Lu, Letter ...), Any, ASCII, Digit, Han, Hiragana, Katakana, Punct, Space, White_Space, Word and XDigit";

    /// <summary>The set of that name (case, spaces, <c>_</c> and <c>-</c> do not count), or null if there is none.</summary>
    public static CharacterSet? Find(string name) => Names.GetValueOrDefault(Simplify(name));

    private static string Simplify(string name) =>
        name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();

    private static Dictionary<string, CharacterSet> CreateNames()
    {
        (string Short, string Long, UnicodeCategory Category)[] categories =
        [
            ("Lu", "Uppercase_Letter", UnicodeCategory.UppercaseLetter),
            ("Ll", "Lowercase_Letter", UnicodeCategory.LowercaseLetter),
            ("Lt", "Titlecase_Letter", UnicodeCategory.TitlecaseLetter),
            ("Lm", "Modifier_Letter", UnicodeCategory.ModifierLetter),
            ("Lo", "Other_Letter", UnicodeCategory.OtherLetter),
            ("Mn", "Nonspacing_Mark", UnicodeCategory.NonSpacingMark),
            ("Mc", "Spacing_Mark", UnicodeCategory.SpacingCombiningMark),
            ("Me", "Enclosing_Mark", UnicodeCategory.EnclosingMark),
            ("Nd", "Decimal_Number", UnicodeCategory.DecimalDigitNumber),
            ("Nl", "Letter_Number", UnicodeCategory.LetterNumber),
            ("No", "Other_Number", UnicodeCategory.OtherNumber),
            ("Zs", "Space_Separator", UnicodeCategory.SpaceSeparator),
            ("Zl", "Line_Separator", UnicodeCategory.LineSeparator),
            ("Zp", "Paragraph_Separator", UnicodeCategory.ParagraphSeparator),
            ("Cc", "Control", UnicodeCategory.Control),
            ("Cf", "Format", UnicodeCategory.Format),
            ("Cs", "Surrogate", UnicodeCategory.Surrogate),
            ("Co", "Private_Use", UnicodeCategory.PrivateUse),
            ("Cn", "Unassigned", UnicodeCategory.OtherNotAssigned),
            ("Pc", "Connector_Punctuation", UnicodeCategory.ConnectorPunctuation),
            ("Pd", "Dash_Punctuation", UnicodeCategory.DashPunctuation),
            ("Ps", "Open_Punctuation", UnicodeCategory.OpenPunctuation),
            ("Pe", "Close_Punctuation", UnicodeCategory.ClosePunctuation),
            ("Pi", "Initial_Punctuation", UnicodeCategory.InitialQuotePunctuation),
            ("Pf", "Final_Punctuation", UnicodeCategory.FinalQuotePunctuation),
            ("Po", "Other_Punctuation", UnicodeCategory.OtherPunctuation),
            ("Sm", "Math_Symbol", UnicodeCategory.MathSymbol),
            ("Sc", "Currency_Symbol", UnicodeCategory.CurrencySymbol),
            ("Sk", "Modifier_Symbol", UnicodeCategory.ModifierSymbol),
            ("So", "Other_Symbol", UnicodeCategory.OtherSymbol),
        ];
        (string Letter, string Name)[] groups =
            [("L", "Letter"), ("M", "Mark"), ("N", "Number"), ("Z", "Separator"), ("C", "Other"), ("P", "Punctuation"), ("S", "Symbol")];

        Dictionary<string, CharacterSet> names = new(StringComparer.Ordinal);
        Dictionary<string, uint> masks = new(StringComparer.Ordinal);
        foreach ((string shortName, string longName, UnicodeCategory category) in categories)
        {
            uint bit = CharacterSet.Bit(category);
            names[Simplify(shortName)] = names[Simplify(longName)] = CharacterSet.Of(bit);
            masks[shortName[..1]] = masks.GetValueOrDefault(shortName[..1]) | bit;
        }

        foreach ((string letter, string name) in groups)
        {
            names[Simplify(letter)] = names[Simplify(name)] = CharacterSet.Of(masks[letter]);
        }

        names["DIGIT"] = CharacterSet.Digit;
        names["SPACE"] = names["WHITESPACE"] = CharacterSet.WhiteSpace;
        names["WORD"] = CharacterSet.Word;
        names["PUNCT"] = names["P"];
        names["ANY"] = CharacterSet.Any;
        names["ASCII"] = CharacterSet.Of(0, (0, 0x7F));
        names["XDIGIT"] = CharacterSet.HexDigit;
        names["HAN"] = CharacterSet.Of(
            0,
            (0x2E80, 0x2E99),
            (0x2E9B, 0x2EF3),
            (0x2F00, 0x2FD5),
            (0x3005, 0x3005),
            (0x3007, 0x3007),
            (0x3021, 0x3029),
            (0x3038, 0x303B),
            (0x3400, 0x4DBF),
            (0x4E00, 0x9FFF),
            (0xF900, 0xFA6D),
            (0xFA70, 0xFAD9),
            (0x16FE2, 0x16FE3),
            (0x16FF0, 0x16FF1),
            (0x20000, 0x2A6DF),
            (0x2A700, 0x2B739),
            (0x2B740, 0x2B81D),
            (0x2B820, 0x2CEA1),
            (0x2CEB0, 0x2EBE0),
            (0x2EBF0, 0x2EE5D),
            (0x2F800, 0x2FA1D),
            (0x30000, 0x3134A),
            (0x31350, 0x323AF));
        names["HIRAGANA"] = CharacterSet.Of(
            0, (0x3041, 0x3096), (0x309D, 0x309F), (0x1B001, 0x1B11F), (0x1B132, 0x1B132), (0x1B150, 0x1B152), (0x1F200, 0x1F200));
        names["KATAKANA"] = CharacterSet.Of(
            0,
            (0x30A1, 0x30FA),
            (0x30FD, 0x30FF),
            (0x31F0, 0x31FF),
            (0x32D0, 0x32FE),
            (0x3300, 0x3357),
            (0xFF66, 0xFF6F),
            (0xFF71, 0xFF9D),
            (0x1AFF0, 0x1AFF3),
            (0x1AFF5, 0x1AFFB),
            (0x1AFFD, 0x1AFFE),
            (0x1B000, 0x1B000),
            (0x1B120, 0x1B122),
            (0x1B155, 0x1B155),
            (0x1B164, 0x1B167));
        return names;
    }
}
