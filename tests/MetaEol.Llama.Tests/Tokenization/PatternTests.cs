using System.Text.RegularExpressions;
using MetaEol.Llama.Tokenization;

namespace MetaEol.Llama.Tests.Tokenization;

/// <summary>The regular expressions of tokenizer.json, as Oniguruma reads them.</summary>
public sealed class PatternTests
{
    [Theory]
    [InlineData("a|ab", "ab", "a")]
    [InlineData("(?:a|ab)c", "abc", "abc")]
    [InlineData("a*?b", "aab", "aab")]
    [InlineData("<.+?>", "<a><b>", "<a>|<b>")]
    [InlineData("a{2}", "aaaaa", "aa|aa")]
    [InlineData("a{2,}", "aaaaa", "aaaaa")]
    [InlineData("a{,2}b", "aaab", "aab")]
    [InlineData("a{x}", "a{x}", "a{x}")]
    [InlineData(@"\d{1,3}", "1234567", "123|456|7")]
    [InlineData(@"\d{1,3}+", "1234567", "1234567")]
    [InlineData(@"\d{2}?x", "12x3x", "12x|x")]
    [InlineData("a?+ab", "aab ab", "aab")]
    [InlineData("a++b", "aaab", "aaab")]
    [InlineData("a++ab", "aaab", "")]
    [InlineData("(?>a+)ab", "aaab", "")]
    [InlineData("(?>a|ab)c", "abc ac", "ac")]
    [InlineData("a(?=b)", "ab ac", "a")]
    [InlineData("a(?!b)", "ab ac", "a")]
    [InlineData("(?<=a)b", "ab bb", "b")]
    [InlineData("(?<!a)b", "ab cb", "b")]
    [InlineData("(?<=a|cd)b", "ab cdb db", "b|b")]
    [InlineData("(?<=😀)b", "b😀b", "b")]
    [InlineData(@"\s+(?!\S)|\s+", "a   b  ", "  | |  ")]
    [InlineData("(?i:'s|'ll)", "'S 'Ll 'LL 's", "'S|'Ll|'LL|'s")]
    [InlineData("(?i:s)t", "St sT", "St")]
    [InlineData("a(?i)b|c", "aB C ab AC aC", "aB|ab|aC")]
    [InlineData("(?i:[a-c])", "A d C", "A|C")]
    [InlineData("(?i:[^a])", "Aab", "b")]
    [InlineData("(?i:k)", "kK\u212A", "k|K|\u212A")]
    [InlineData("(?i:s)", "sS\u017F", "s|S|\u017F")]
    [InlineData("(?i:\u017F)", "sS\u017F", "s|S|\u017F")]
    [InlineData("(?i:i)", "iI\u0131\u0130", "i|I")]
    [InlineData("[]a]", "a]b", "a|]")]
    [InlineData("[^\\r\\n]", "a\r\n", "a")]
    [InlineData("[a-c&&[^b]]+", "abc", "a|c")]
    [InlineData("[a[x-z]]+", "axzb", "axz")]
    [InlineData("[a-]+", "a-b", "a-")]
    [InlineData(@"[\w-]+", "a-b c", "a-b|c")]
    [InlineData("[[:digit:]]+", "a12b", "12")]
    [InlineData(@"\x41\x{1F600}\u0042", "A😀B", "A😀B")]
    [InlineData(@"\p{L}+", "aЖ中𝐀1", "aЖ中𝐀")]
    [InlineData(@"\p{^L}+", "a12b", "12")]
    [InlineData(@"\P{L}+", "a12b", "12")]
    [InlineData(@"\p{Lu}\p{Ll}", "Ab 𝐀𝐛 AB", "Ab|𝐀𝐛")]
    [InlineData(@"\p{Han}+", "a漢字𠮷ひ", "漢字𠮷")]
    [InlineData(@"\p{White_Space}+", "a \u3000\u0085b", " \u3000\u0085")]
    [InlineData(@"\w+", "a_1Ⓐé\u0301²٣", "a_1Ⓐé\u0301|٣")]
    [InlineData(@"\N", "", "", true)]
    [InlineData(".", "a\n😀", "a|😀")]
    [InlineData("(?m:.)", "a\n", "a|\n")]
    [InlineData("^a", "a\na", "a|a")]
    [InlineData("a$", "a\na", "a|a")]
    [InlineData(@"\Aa", "a\na", "a")]
    [InlineData(@"a\z", "a\na", "a")]
    [InlineData(@"a\Z", "aa\n", "a")]
    [InlineData(@"\ba", "a ba a", "a|a")]
    [InlineData("(?:a*)*b", "aab", "aab")]
    [InlineData("(?:a|b*)*c", "abbac", "abbac")]
    [InlineData("(?<name>a)b", "ab", "ab")]
    [InlineData("a(?#comment)b", "ab", "ab")]
    [InlineData(@"\h+", "fFgG09", "fF|09")]
    public void FindAll_Expression_MatchesAsOniguruma(string expression, string text, string expected, bool unsupported = false)
    {
        if (unsupported)
        {
            Assert.Throws<InvalidModelException>(() => TextPattern.OfExpression(expression));
            return;
        }

        Assert.Equal(expected, string.Join('|', Matches(expression, text)));
    }

    [Theory]
    [InlineData("(a", "')'")]
    [InlineData("a)", "'('")]
    [InlineData("[a", "']'")]
    [InlineData("*a", "'*'")]
    [InlineData("a\\", "backslash")]
    [InlineData(@"\p{Klingon}", "Klingon")]
    [InlineData(@"(a)\1", "reference to a group")]
    [InlineData(@"\k<n>", "reference to a group")]
    [InlineData(@"\X", @"\X")]
    [InlineData("(?<=a+)b", "lookbehind")]
    [InlineData("(?(1)a|b)", "(?(")]
    [InlineData("[z-a]", "range")]
    [InlineData("a{5000}", "5000")]
    [InlineData("(?:(?:a{900}){900}){900}", "too large")]
    [InlineData(@"\x{110000}", "code point")]
    [InlineData("[[:alpha:]]", "alpha")]
    public void OfExpression_MalformedOrUnsupported_SaysWhat(string expression, string expected)
    {
        InvalidModelException exception = Assert.Throws<InvalidModelException>(() => TextPattern.OfExpression(expression));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.Contains(expression, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OfExpression_DeepNesting_Throws()
    {
        Assert.Throws<InvalidModelException>(() => TextPattern.OfExpression(new string('(', 100_000)));
        Assert.Throws<InvalidModelException>(() => TextPattern.OfExpression(new string('[', 100_000)));
    }

    [Theory]
    [InlineData("x*", "axa", new[] { 0, 0, 1, 2, 3, 3 })]
    [InlineData("", "ab", new[] { 0, 0, 1, 1, 2, 2 })]
    public void FindAll_EmptyMatches_CountExceptBehindAMatch(string expression, string text, int[] expected)
    {
        List<PatternMatch> found = Find(expression, text);

        Assert.Equal(expected, found.Where(part => part.IsMatch).SelectMany(part => new[] { part.Start, part.End }));
    }

    [Theory]
    [InlineData(@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")]
    [InlineData(@"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")]
    [InlineData(@"(?:[a-m]|\d)+?[^a-z]|(?<=e)\s|\s{2,4}")]
    [InlineData(@"(?>\p{L}+)'|(?<!\d)\p{N}(?=\D)")]
    [InlineData(@"(?:ab?)*c|(a|b)(?!c)\s*")]
    public void FindAll_RandomTextsBelowU10000_EqualsDotNet(string expression)
    {
        RandomTexts texts = new(21, string.Concat(Enumerable.Repeat("It's abc acbd 12 The 'LL end.\n  e  we", 20)));
        Regex regex = new(expression, RegexOptions.CultureInvariant);
        for (int i = 0; i < 1000; i++)
        {
            string text = string.Concat(texts.Next().Where(c => !char.IsSurrogate(c)));
            Assert.Equal(regex.Matches(text).Select(match => match.Value), Matches(expression, text));
        }
    }

    [Fact]
    public void FindAll_LongRuns_TakeLinearTime()
    {
        const string Expression = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
        foreach (string text in new[] { new string(' ', 1_000_000) + "x", new string('a', 1_000_000), new string('\n', 1_000_000), new string('!', 1_000_000) })
        {
            Assert.InRange(Matches(Expression, text).Count, 1, 3);
        }
    }

    [Fact]
    public void FindAll_RepeatedGroup_NeedsNoCallStack() => Assert.Single(Matches("(?:a|b)+", new string('a', 1_000_000)));

    /// <summary>Patterns made to overflow the stack, to take exponential time, or to have no end; those below the limit of length too.</summary>
    [Theory]
    [InlineData("a", "*", 10_000)]
    [InlineData("a", "*", 5_000)]
    [InlineData("a", "+", 10_000)]
    [InlineData("a", "+", 9_000)]
    [InlineData("a", "??", 10_000)]
    [InlineData("a", "??", 4_000)]
    [InlineData("a", "{1}", 10_000)]
    [InlineData("a", "{1}", 3_000)]
    [InlineData("(?:)", "{1000}", 5)]
    [InlineData("(?:b|)", "{1000}", 5)]
    [InlineData("(?:^$)", "{1000}", 3)]
    [InlineData("[", "[^x]&&", 200_000)]
    [InlineData("", "a", 200_000)]
    [InlineData("", "(?:a", 200)]
    public void OfExpression_PatternWithoutBound_IsRefusedInTime(string start, string part, int count)
    {
        string pattern = start + string.Concat(Enumerable.Repeat(part, count)) + (start == "[" ? "]" : "");

        Assert.InRange(TimeLimit.Throws(() => TextPattern.OfExpression(pattern)).Message.Length, 10, 1000);
    }

    [Fact]
    public void OfExpression_GroupsAndQuantifiersInOneAnother_AreRefusedWhereTheyGrowTooDeep()
    {
        string pattern = "a";
        for (int i = 0; i < 90; i++)
        {
            pattern = $"({pattern}{new string('*', 90)})";
        }

        Assert.Contains("nested", TimeLimit.Throws(() => TextPattern.OfExpression(pattern)).Message, StringComparison.Ordinal);
    }

    /// <summary>Each of these has so many steps, or so many parts, that to ask them one by one for every letter would take hours.</summary>
    [Theory]
    [InlineData("many members", "é")]
    [InlineData("many complements", "é")]
    [InlineData("many intersections", "é")]
    [InlineData("classes in classes", "é")]
    [InlineData("classes in classes without case", "é")]
    [InlineData("complements in complements without case", "é")]
    [InlineData("lookbehind of alternatives in alternatives", "a")]
    [InlineData("long lookbehind", "a")]
    public void FindAll_CostlyPattern_EndsInTime(string kind, string letter)
    {
        string pattern = kind switch
        {
            "many members" => $"[{string.Concat(Enumerable.Range(0, 4000).Select(i => (char)(0x4E00 + (2 * i))))}]+",
            "many complements" => $"[{string.Concat(Enumerable.Repeat(@"\W", 4000))}]+",
            "many intersections" => $"[{string.Concat(Enumerable.Repeat("[^x]&&", 1600))}[^y]]+",
            "classes in classes" => $"{new string('[', 100)}x{new string(']', 100)}+",
            "classes in classes without case" => $"(?i:{new string('[', 100)}x{new string(']', 100)}+)",
            "complements in complements without case" => $"(?i:{string.Concat(Enumerable.Repeat("[^", 99))}x{new string(']', 99)}+)",
            "long lookbehind" => "(?<=(?:c{100}){100})b",
            _ => $"(?<={string.Concat(Enumerable.Repeat("(?:", 90))}a{string.Concat(Enumerable.Repeat("|b)", 90))})b",
        };
        string text = string.Concat(Enumerable.Repeat(letter, 100_000));

        TimeLimit.Run(() =>
        {
            try
            {
                return Find(pattern, text).Count;
            }
            catch (InvalidModelException exception)
            {
                Assert.Contains("backtracks", exception.Message, StringComparison.Ordinal);
                return 0;
            }
        });
    }

    [Theory]
    [InlineData("(?i:[[a]é])+", "aAÉé", "aAÉé")]
    [InlineData("(?i:[^[k]])+", "kK\u212Ax", "x")]
    [InlineData("(?i:[^[^ß-ÿ]])+", "Éaé", "É|é")]
    [InlineData("[^a&&[a-z]&&\\w]+", "abc1", "bc1")]
    [InlineData("[z\\D]+", "z1é2", "z|é")]
    [InlineData("[b-da-c]+", "abcde", "abcd")]
    public void FindAll_ClassesInClasses_MeanTheSame(string expression, string text, string expected) => Assert.Equal(expected, string.Join('|', Matches(expression, text)));

    private static List<string> Matches(string expression, string text) =>
        [.. Find(expression, text).Where(part => part.IsMatch).Select(part => text[part.Start..part.End])];

    private static List<PatternMatch> Find(string expression, string text)
    {
        PatternMatcher matcher = new();
        matcher.Begin(text.Length);
        List<PatternMatch> found = [];
        TextPattern.OfExpression(expression).FindAll(text, matcher, found);
        Assert.Equal(text, string.Concat(found.Select(part => text[part.Start..part.End])));
        return found;
    }
}
