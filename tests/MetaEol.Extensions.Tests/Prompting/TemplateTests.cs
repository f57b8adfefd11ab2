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
    [InlineData("This sentence : \"{text}\" means:\"", "hi.", "hi.")]
    [InlineData("This sentence : \"{text}\" means:\"", "", "")]
    [InlineData("This sentence : \"{text}\" means:\"", " \t", " \t")]
    [InlineData("{text}", "", "")]
    [InlineData("{text}", " \n ", "")]
    [InlineData("{text}", "  a b \t", "a b")]
    [InlineData("  {text} in one word: ", " a ", "a ")]
    [InlineData(" {text} :", "   ", "")]
    [InlineData("In one word: {text}  ", "a  ", "a")]
    [InlineData("In one word: {text}  ", "   ", "")]
    [InlineData("In one word: {text}", "", "")]
    [InlineData(" \u001f{text}\u001c ", "\u001e a \u001d", "a")]
    [InlineData("{text} x", "\u001c\u0085\u00a0\u3000y", "y")]
    [InlineData("x {text} y", "{text}", "{text}")]
    public void Format_TellsWhereTheTextStands(string template, string text, string expected)
    {
        string prompt = new Template(template).Format(text, out Range ofText);
        Assert.Equal(expected, prompt[ofText]);
        Assert.Equal(new Template(template).Format(text), prompt);

        // The template's own letters are all around it.
        Assert.Equal(template.Replace("{text}", "", StringComparison.Ordinal).Trim(' ', '\u001c', '\u001f'), (prompt[..ofText.Start] + prompt[ofText.End..]).Trim());
    }

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
