using MetaEol.Cli.Indexing;
using MetaEol.Llama;
using MetaEol.Llama.Tokenization;
using MetaEol.Tests;

namespace MetaEol.Cli.Tests.Indexing;

public class PassageSplitterTests
{
    private static readonly ITokenizer Tokenizer = TokenizerLoader.Load(TestPaths.DemoModel);

    [Fact]
    public void Split_Paragraphs_KeepsHeadingAndLine()
    {
        Passage[] passages = Split("# Title\n\nFirst line\nsecond line.\n\n---\n\n## Part ##\nUnder it.\n\n\nLast.", 100);
        Assert.Equal([new Passage(3, "Title: First line second line."), new Passage(9, "Part: Under it."), new Passage(12, "Part: Last.")], passages);
    }

    [Fact]
    public void Split_LongParagraph_EndsPassagesAtSentences()
    {
        Passage[] passages = Split("The first sentence is here. The second one follows it. A third one ends it.", 12);
        Assert.True(passages.Length > 1);
        Assert.All(passages, passage => Assert.EndsWith(".", passage.Text, StringComparison.Ordinal));
        Assert.Equal("The first sentence is here. The second one follows it. A third one ends it.", string.Join(' ', passages.Select(passage => passage.Text)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(16)]
    public void Split_SentenceTooLong_IsCutWithoutLoss(int maxTokens)
    {
        string text = string.Join(' ', Enumerable.Range(0, 40).Select(i => $"word{i}")) + " \U0001F426\U0001F426\U0001F426 " + new string('x', 100);
        Passage[] passages = Split(text, maxTokens);
        Assert.Equal(text.Replace(" ", string.Empty, StringComparison.Ordinal), string.Concat(passages.Select(passage => passage.Text)).Replace(" ", string.Empty, StringComparison.Ordinal));
        Assert.All(passages, passage => Assert.False(char.IsLowSurrogate(passage.Text[0])));
        if (maxTokens > 4)
        {
            Assert.All(passages, passage => Assert.InRange(Tokenizer.CountTokens(passage.Text), 1, maxTokens));
        }
    }

    [Fact]
    public void Split_NothingToRead_GivesNothing() => Assert.Empty(Split("# Only a heading\n\n---\n\n   \n", 100));

    private static Passage[] Split(string content, int maxTokens) => [.. new PassageSplitter(Tokenizer, maxTokens).Split(content)];
}
