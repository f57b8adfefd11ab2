using MetaEol.Extensions.Prompting;

namespace MetaEol.Extensions.Tests.Prompting;

public class TextWordsTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("The, and of it.", "")]
    [InlineData("?! -- ... \u201c\u201d * #", "")]
    [InlineData("Dogs run, Dogs sleep.", "dogs run dogs sleep")]
    [InlineData("She doesn't know; they\u2019ll sing.", "know sing")]
    [InlineData("I can't and won't pay the cannot-pay price.", "pay cannot-pay price")]
    [InlineData("the singer's o'clock 'quoted' dogs' tails", "singer o'clock quoted dogs tails")]
    [InlineData("A well-known and/or snake_case thing- -here", "well-known and/or snake_case thing")]
    [InlineData("It cost $1,000.50 at 10:30, or 5,six.", "cost 1,000.50 10:30 5 six")]
    [InlineData("The U.S. and e.g. this.", "u.s e.g")]
    [InlineData("mail me@x.org http://x.org/a?b=c", "mail x.org http x.org/a b c")]
    [InlineData("Caf\u00e9 na\u0131ve e\u0301tude \u732b\u304c \U00010400\U0001F600\u0b95\u0bbe", "caf\u00e9 na\u0131ve e\u0301tude \u732b\u304c \U00010428 \u0b95\u0bbe")]
    [InlineData("\ud83d a\ud83d", "")]
    [InlineData("(brackets)[and]{braces}<tag>", "brackets braces tag")]
    public void Words_AreThoseThatTellSomething(string text, string words) =>
        Assert.Equal(words, string.Join(' ', TextWords.Of(text)));

    [Fact]
    public void Words_OfALongRun_AreFoundInLinearTime() =>
        Assert.Equal(2_000_001, Assert.Single(TextWords.Of(string.Concat(Enumerable.Repeat("x-", 1_000_000)) + "x")).Length);
}
