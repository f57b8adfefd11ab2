namespace MetaEol.Fuzz.Mutation;

/// <summary>Values at which parsers have been wrong before.</summary>
internal static class Interesting
{
    /// <summary>Numbers at the ends of ranges.</summary>
    public static IReadOnlyList<long> Numbers { get; } =
    [
        0, 1, -1, 2, 3, 7, 8, 127, 128, 255, 256, 1023, 1024, 4096, 32767, 32768, 65535, 65536, 1_000_000, 16_777_216, int.MaxValue, (long)int.MaxValue + 1, int.MinValue, uint.MaxValue,
        (long)uint.MaxValue + 1, long.MaxValue, long.MinValue, 1L << 62, 1L << 53,
    ];

    /// <summary>JSON that stands for other things than what is expected.</summary>
    public static IReadOnlyList<string> Json { get; } =
    [
        "null", "true", "false", "0", "1", "-1", "-0", "2", "0.5", "1e0", "1.5", "1e308", "-1e308", "1e999", "1e-320", "1E400", "2147483647", "2147483648", "-2147483649", "4294967296", "9223372036854775807",
        "9223372036854775808", "1e18", "\"\"", "\" \"", "\"a\"", "\"0\"", "\"1\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00x\"", "\"\\ufffe\"", "\"..\"", "\"/\"", "\"NaN\"", "\"é\"", "\"\\u2581\"", "\"\\ud83d\\ude00\"", "[]", "{}", "[[]]",
        "[{}]", "{\"a\":1}", "[null]", "[0]", "[\"\",\"\"]", "01", "nul", "NaN", "-", "\"", "[", "{", "]", "}", "//", "\uFEFF", "",
    ];

    /// <summary>Pieces of text that are more than they seem.</summary>
    public static IReadOnlyList<string> Texts { get; } =
    [
        "\0", "\u001b[31m", "\r\n", "\t", " ", "  ", "\u00a0", "\u0301", "e\u0301", "\u2581", "\u200b", "\ufeff", "\ufffd", "\ufffe", "\uffff", "\ud83d\ude00", "\U00010400", "\U000e0001", "ﬁ", "İ", "ß", "ǅ", "Ⅷ", "٣", "한", "각", "ﷺ", "<s>", "</s>",
        "<unk>", "<0x0A>", "{text}", "{", "}", "\"", "\\", "/", "../", "%", "#", "a", "A", "1", "'s", "'S", "-", "--", "🤷🏽‍♀️", "ا", "\u202e",
    ];
}
