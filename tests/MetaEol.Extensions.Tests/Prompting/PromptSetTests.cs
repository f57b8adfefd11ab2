using MetaEol.Extensions.Prompting;

namespace MetaEol.Extensions.Tests.Prompting;

public class PromptSetTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("A man sings", "A man sings.")]
    [InlineData("A man sings.", "A man sings.")]
    [InlineData("Who sings?", "Who sings.")]
    [InlineData("Stop!", "Stop!.")]
    [InlineData("He said \"no\"", "He said 'no'")]
    [InlineData("He said \"no\".", "He said 'no'.")]
    [InlineData("the cats'", "the cats'")]
    [InlineData("\"", "'")]
    [InlineData("?", ".")]
    [InlineData("??", "?.")]
    [InlineData("\"What?\"", "'What?'")]
    [InlineData(" ", " .")]
    [InlineData("a ", "a .")]
    [InlineData(" a", " a.")]
    [InlineData("a.\n", "a.\n.")]
    [InlineData("\U0001F600", "\U0001F600.")]
    [InlineData("Was?\"", "Was?'")]
    public void Clean_DoesWhatTheReferenceDoes(string text, string expected) => Assert.Equal(expected, PromptSet.Clean(text));

    [Theory]
    [InlineData(true, "b 'c'", "b '")]
    [InlineData(false, "b \"c\"", "b \"")]
    public void Format_TextAsItIsLeft_StandsInTheTemplates(bool clean, string whole, string cut)
    {
        var prompts = new PromptSet(["a.", "b \"c\""], new TemplateSet("s", [new Template("x {text}"), new Template("{text} y")]), clean);
        Assert.Equal((2, "b \"c\""), (prompts.TextCount, prompts.Text(1)));
        Assert.Equal("x a.", prompts.Format(0, 0, out _));
        Assert.Equal($"{whole} y", prompts.Format(1, 1, out Range ofText));
        Assert.Equal(0..whole.Length, ofText);
        prompts.Cut(1, 3);
        Assert.Equal("b \"", prompts.Text(1));
        Assert.Equal($"{cut} y", prompts.Format(1, 1, out _));
        Assert.Equal("x a.", prompts.Format(0, 0, out _));
    }
}
