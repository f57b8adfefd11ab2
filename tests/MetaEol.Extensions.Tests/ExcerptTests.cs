namespace MetaEol.Extensions.Tests;

public class ExcerptTests
{
    [Theory]
    [InlineData("", "''")]
    [InlineData("metaeol", "'metaeol'")]
    [InlineData("a\0b", "'a\\0b'")]
    [InlineData("\u001b[31mred\u202e", "'\\u001b[31mred\\u202e'")]
    [InlineData("Grüße 😀", "'Grüße 😀'")]
    public void Of_IsQuotedAndPrintable(string text, string expected) => Assert.Equal(expected, Excerpt.Of(text));

    [Fact]
    public void Of_LongText_IsCutInTheMiddle()
    {
        string excerpt = Excerpt.Of(new string('a', 1_000_000) + "end");
        Assert.InRange(excerpt.Length, 200, 210);
        Assert.StartsWith("'aaa", excerpt, StringComparison.Ordinal);
        Assert.EndsWith("end'", excerpt, StringComparison.Ordinal);
    }
}
