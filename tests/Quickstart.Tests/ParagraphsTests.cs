namespace MetaEol.Samples.Quickstart.Tests;

public sealed class ParagraphsTests
{
    [Theory]
    [InlineData("one\n\ntwo")]
    [InlineData("one\r\n\r\ntwo")]
    [InlineData("\r\r one \r \t \rtwo\r\r\r")]
    [InlineData("\n\n\none\n\n\n \n\ntwo\n")]
    public void FromPlainText_EmptyLines_SeparateParagraphs(string text) =>
        Assert.Equal(["one", "two"], Paragraphs.FromPlainText(text));

    [Fact]
    public void FromPlainText_LinesOfOneParagraph_BecomeOneLine() =>
        Assert.Equal(["one two three"], Paragraphs.FromPlainText("one\ntwo\n\tthree"));

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t\n ")]
    public void FromPlainText_NoText_HasNoParagraph(string text) => Assert.Empty(Paragraphs.FromPlainText(text));

    [Fact]
    public void FromMarkdown_MarkUp_IsTakenAway() =>
        Assert.Equal(
            ["A word in bold, a link, some code & an address https://example.org."],
            Paragraphs.FromMarkdown("A word in **bold**, a [link](https://example.com),\nsome `code` &amp; an address <https://example.org>."));

    [Fact]
    public void FromMarkdown_HeadingsCodeAndFrontMatter_AreNotParagraphs() =>
        Assert.Equal(["one", "two"], Paragraphs.FromMarkdown("---\ntitle: x\n---\n# Heading\none\n\n```\ncode\n\ncode\n```\n\nOther heading\n====\n\ntwo\n\n---\n"));

    [Fact]
    public void FromMarkdown_ListsAndQuotations_GiveParagraphs() =>
        Assert.Equal(["one", "two", "three"], Paragraphs.FromMarkdown("- one\n- two\n\n> three"));
}
