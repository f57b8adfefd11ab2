using MetaEol.Extensions.Prompting;

namespace MetaEol.Extensions.Tests.Prompting;

public class TextCleanerTests
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
    public void Clean_DoesWhatTheReferenceDoes(string text, string expected) => Assert.Equal(expected, TextCleaner.Clean(text));

    [Fact]
    public void Clean_Null_Throws() => Assert.Throws<ArgumentNullException>(() => TextCleaner.Clean(null!));
}
