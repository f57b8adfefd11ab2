using System.Globalization;

namespace MetaEol.Llama.Tokenization;

/// <summary>What the pre-tokenizer Punctuation takes for it.</summary>
internal static class Punctuation
{
    /// <summary>General category P and the symbols of ASCII.</summary>
    /// <remarks>The reference's table is of Unicode 8: what is younger, or was of another category then, is listed.</remarks>
    public static CharacterSet Characters { get; } = CharacterSet.Union(
        [
            CharacterSet.Of(0, ('!', '/'), (':', '@'), ('[', '`'), ('{', '~'), (0x166D, 0x166D), (0x111C9, 0x111C9)),
            CharacterSet.Intersection(
            [
                CharacterSet.Of(
                    CharacterSet.Bit(UnicodeCategory.ConnectorPunctuation) | CharacterSet.Bit(UnicodeCategory.DashPunctuation) | CharacterSet.Bit(UnicodeCategory.OpenPunctuation)
                    | CharacterSet.Bit(UnicodeCategory.ClosePunctuation) | CharacterSet.Bit(UnicodeCategory.InitialQuotePunctuation) | CharacterSet.Bit(UnicodeCategory.FinalQuotePunctuation)
                    | CharacterSet.Bit(UnicodeCategory.OtherPunctuation)),
                CharacterSet.Of(
                    0,
                    (0x061D, 0x061D),
                    (0x09FD, 0x09FD),
                    (0x0A76, 0x0A76),
                    (0x0C77, 0x0C77),
                    (0x0C84, 0x0C84),
                    (0x1B4E, 0x1B4F),
                    (0x1B7D, 0x1B7F),
                    (0x2E43, 0x2E4F),
                    (0x2E52, 0x2E5D),
                    (0x10D6E, 0x10D6E),
                    (0x10EAD, 0x10EAD),
                    (0x10F55, 0x10F59),
                    (0x10F86, 0x10F89),
                    (0x113D4, 0x113D5),
                    (0x113D7, 0x113D8),
                    (0x1144B, 0x1144F),
                    (0x1145A, 0x1145B),
                    (0x1145D, 0x1145D),
                    (0x11660, 0x1166C),
                    (0x116B9, 0x116B9),
                    (0x1183B, 0x1183B),
                    (0x11944, 0x11946),
                    (0x119E2, 0x119E2),
                    (0x11A3F, 0x11A46),
                    (0x11A9A, 0x11A9C),
                    (0x11A9E, 0x11AA2),
                    (0x11B00, 0x11B09),
                    (0x11BE1, 0x11BE1),
                    (0x11C41, 0x11C45),
                    (0x11C70, 0x11C71),
                    (0x11EF7, 0x11EF8),
                    (0x11F43, 0x11F4F),
                    (0x11FFF, 0x11FFF),
                    (0x12FF1, 0x12FF2),
                    (0x16D6D, 0x16D6F),
                    (0x16E97, 0x16E9A),
                    (0x16FE2, 0x16FE2),
                    (0x1E5FF, 0x1E5FF),
                    (0x1E95E, 0x1E95F)).Complement(),
            ]),
        ],
        ignoreCase: false);
}
