namespace MetaEol.Samples.Quickstart.Tests;

public sealed class PassageSplitterTests
{
    private const int MaxTokens = 16;

    private readonly WordTokenizer _tokenizer = new();

    [Fact]
    public void Split_ParagraphThatFits_IsLeftAsItIs() =>
        Assert.Equal(["One two. Three four! Five?"], Split("One two. Three four! Five?"));

    [Fact]
    public void Split_LongParagraph_EndsPassagesWhereSentencesEnd()
    {
        string sentence = "One two three four five.";

        Assert.Equal(
            [$"{sentence} {sentence} {sentence}", $"{sentence} {sentence} {sentence}", sentence],
            Split(string.Join(' ', Enumerable.Repeat(sentence, 7))));
    }

    [Theory]
    [InlineData("He said \"it is over.\" ")]
    [InlineData("Is it (really) over?! ")]
    [InlineData("It is (quite over.) ")]
    [InlineData("Thus it ended… ")]
    public void Split_SentenceThatEndsInOtherMarks_IsKeptWhole(string sentence)
    {
        string[] passages = Split(string.Concat(Enumerable.Repeat(sentence, 20)));

        Assert.True(passages.Length > 1);
        Assert.All(passages, passage => Assert.EndsWith(sentence.TrimEnd(), passage, StringComparison.Ordinal));
    }

    [Fact]
    public void Split_FullStopBeforeSmallLetter_DoesNotEndASentence()
    {
        string[] passages = Split("The first one ends here. The second one has many fruits, e.g. apples, pears, plums, cherries and figs.");

        Assert.Equal("The first one ends here.", passages[0]);
        Assert.StartsWith("The second one", passages[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Split_SentenceThatIsTooLong_IsCutBetweenWords()
    {
        string sentence = string.Join(' ', Enumerable.Range(100, 50));

        string[] passages = Split(sentence);

        Assert.Equal(sentence, string.Join(' ', passages));
        Assert.Equal([16, 16, 16, 2], passages.Select(_tokenizer.CountTokens));
    }

    [Fact]
    public void Split_WordThatIsTooLong_IsCutInsideButNotInsideACharacter()
    {
        string word = string.Concat(Enumerable.Repeat("a😀", 300));

        string[] passages = Split(word);

        Assert.Equal(word, string.Concat(passages));
        Assert.All(passages, passage => Assert.False(char.IsLowSurrogate(passage[0])));
    }

    [Fact]
    public void Split_FullWidthMarks_EndSentencesWithoutASpace()
    {
        string sentence = "これはとても長い一つの文です。";

        string[] passages = Split(string.Concat(Enumerable.Repeat(sentence, 30)));

        Assert.True(passages.Length > 1);
        Assert.All(passages, passage => Assert.EndsWith("。", passage, StringComparison.Ordinal));
    }

    [Fact]
    public void Split_AnyText_FitsAndLosesNothing()
    {
        Random random = new(1);
        string[] pieces = ["One ", "two, ", "three. ", "Four? ", "five! ", "incomprehensibilities ", "e.g. ", "\"Six.\" ", "😀 ", "。"];
        for (int i = 0; i < 200; i++)
        {
            string text = string.Concat(random.GetItems(pieces, random.Next(1, 200))).Trim();

            string[] passages = Split(text);

            Assert.Equal(text.Replace(" ", "", StringComparison.Ordinal), string.Concat(passages).Replace(" ", "", StringComparison.Ordinal));
            Assert.All(passages, passage => Assert.InRange(_tokenizer.CountTokens(passage), 1, MaxTokens));
        }
    }

    [Fact]
    public void Split_MegabyteOfText_IsReadAFewTimesOnly()
    {
        string text = string.Join(' ', Enumerable.Repeat("One two three four five.", 1 << 16));

        string[] passages = Split(text);

        Assert.Equal((1 << 16) / 3 + 1, passages.Length);
        Assert.InRange(_tokenizer.CharactersRead, text.Length, 8L * text.Length);
    }

    [Fact]
    public void Constructor_TooFewTokens_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PassageSplitter(_tokenizer, 15));

    private string[] Split(string text) => [.. new PassageSplitter(_tokenizer, MaxTokens).Split(text)];
}
