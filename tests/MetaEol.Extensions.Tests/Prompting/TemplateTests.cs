using MetaEol.Extensions.Prompting;

namespace MetaEol.Extensions.Tests.Prompting;

public class TemplateTests
{
    [Theory]
    [InlineData("This sentence : \"{text}\" means:\"", "hi.", "This sentence : \"hi.\" means:\"")]
    [InlineData("{text}", "{text}", "{text}")]
    [InlineData("  {text} in one word: ", " a ", "a  in one word:")]
    [InlineData("{text} x", "\u001c\u0085\u00a0\u3000y", "y x")]
    [InlineData("x \"{text}\"", "", "x \"\"")]
    [InlineData("x {text}", "", "x")]
    public void Format_PutsTextInPlaceAndTrimsOnlyTheEndsOfThePrompt(string template, string text, string expected) =>
        Assert.Equal(expected, new Template(template).Format(text));

    [Theory]
    [InlineData("no place", "no {text}")]
    [InlineData("{text} and {text}", "more than one {text}")]
    [InlineData("{Text}", "no {text}")]
    public void Create_NotExactlyOnePlaceholder_SaysSo(string text, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => new Template(text)).Message);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Create_WeightNotFiniteAndPositive_Throws(double weight) =>
        Assert.Contains("weight", Assert.Throws<ArgumentException>(() => new Template("{text}", "t", null, weight)).Message);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a/b")]
    [InlineData("a#b")]
    public void Create_UnusableName_Throws(string name) => Assert.Throws<ArgumentException>(() => new Template("{text}", name));
}
