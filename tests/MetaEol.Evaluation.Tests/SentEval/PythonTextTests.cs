using MetaEol.Evaluation.SentEval;

namespace MetaEol.Evaluation.Tests.SentEval;

public class PythonTextTests
{
    [Fact]
    public void SplitLines_EveryBoundary_EndsALine()
    {
        Assert.Equal(["a", "b", "c", "", "d", "e", "f", "g"], PythonText.SplitLines("a\nb\r\nc\n\nd\u0085e\u2028f\u001cg\n"));
        Assert.Empty(PythonText.SplitLines(string.Empty));
    }

    [Fact]
    public void Words_AnyWhitespace_Separates() =>
        Assert.Equal(["a", "b", "c", "d\u200b"], PythonText.Words(" a\u00a0b\u001fc \t d\u200b "));

    [Fact]
    public void Strip_RemovesWhitespaceAtBothEndsOnly() => Assert.Equal("a b", PythonText.Strip("\u001e a b\u3000\n"));
}
