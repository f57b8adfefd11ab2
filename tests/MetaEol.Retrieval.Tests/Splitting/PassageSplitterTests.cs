using MetaEol.Llama;
using MetaEol.Llama.Tokenization;
using MetaEol.Retrieval.Splitting;
using MetaEol.Tests;

namespace MetaEol.Retrieval.Tests.Splitting;

public sealed class PassageSplitterTests
{
    private const int MaxTokens = 16;

    private readonly WordTokenizer _tokenizer = new();

    [Fact]
    public void Split_ParagraphThatFits_IsLeftAsItIs() =>
        Assert.Equal(["One two. Three four! Five?"], Split("One two. Three four! Five?"));

    [Fact]
    public void Split_LongParagraph_GivesPiecesOfAboutTheSameLengthThatEndWhereSentencesEnd()
    {
        string sentence = "One two three four five.";

        Assert.Equal(
            [$"{sentence} {sentence} {sentence}", $"{sentence} {sentence}", $"{sentence} {sentence}"],
            Split(string.Join(' ', Enumerable.Repeat(sentence, 7))).OrderByDescending(passage => passage.Length));
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
        string[] passages = Split("The first one ends here and is long. The second one has many fruits, e.g. apples, pears, plums, cherries and figs.");

        Assert.Equal("The first one ends here and is long.", passages[0]);
        Assert.StartsWith("The second one", passages[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Split_SentenceThatIsTooLong_IsCutBetweenWords()
    {
        string sentence = string.Join(' ', Enumerable.Range(100, 50));

        string[] passages = Split(sentence);

        Assert.Equal(sentence, string.Join(' ', passages));
        Assert.All(passages, passage => Assert.InRange(_tokenizer.CountTokens(passage), 1, MaxTokens));
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
    public void Split_AnyText_FitsLosesNothingAndTellsWhereItIs()
    {
        Random random = new(1);
        string[] pieces = ["One ", "two, ", "three. ", "Four? ", "five! ", "incomprehensibilities ", "e.g. ", "\"Six.\" ", "😀 ", "。", "\n", "\r\n", "  ", "\t", "\u001b[31m"];
        for (int i = 0; i < 400; i++)
        {
            string text = string.Concat(random.GetItems(pieces, random.Next(1, 200)));
            SearchDocument document = new("d", text);

            IReadOnlyList<Passage> passages = new PassageSplitter(_tokenizer, MaxTokens).Split(document);

            Assert.Equal(Letters(text), string.Concat(passages.Select(passage => Letters(passage.Text))));
            Assert.All(passages, passage =>
            {
                Assert.InRange(_tokenizer.CountTokens(passage.Text), 1, MaxTokens);
                Assert.DoesNotContain(passage.Text, char.IsControl);
                Assert.Equal(Letters(passage.Text), Letters(text.Substring(passage.Start, passage.Length)));
                Assert.Equal(LineOf(text, passage.Start), passage.Line);
                Assert.Equal(LineOf(text, passage.Start + passage.Length - 1), passage.EndLine);
            });
        }
    }

    [Fact]
    public void Split_Overlap_RepeatsWholeSentences()
    {
        string[] sentences = [.. Enumerable.Range(0, 30).Select(i => $"Number {i} is here.")];

        string[] passages = [.. new PassageSplitter(_tokenizer, MaxTokens, overlapTokens: 4).Split(new SearchDocument("d", string.Join(' ', sentences))).Select(passage => passage.Text)];

        Assert.All(passages, passage => Assert.InRange(_tokenizer.CountTokens(passage), 1, MaxTokens));
        foreach ((string before, string after) in passages.Zip(passages.Skip(1)))
        {
            string repeated = Sentences(after)[0];
            Assert.Equal(Sentences(before)[^1], repeated);
        }

        Assert.Equal(sentences, passages.SelectMany(Sentences).Distinct());

        static string[] Sentences(string passage) => [.. passage.Split(". ").Select(sentence => sentence.TrimEnd('.') + ".")];
    }

    [Fact]
    public void Split_Markdown_KeepsHeadingsAndLines()
    {
        IReadOnlyList<Passage> passages = Split("# Title\n\nFirst line\nsecond line.\n\n---\n\n## Part ##\nUnder it.\n\n\n# C#\nLast.", DocumentFormat.Markdown);

        Assert.Equal(["First line second line.", "Under it.", "Last."], passages.Select(passage => passage.Text));
        Assert.Equal(["Title", "Title › Part", "C#"], passages.Select(passage => passage.Heading));
        Assert.Equal([(3, 4), (9, 9), (13, 13)], passages.Select(passage => (passage.Line, passage.EndLine)));
        Assert.Equal("Title › Part: Under it.", passages[1].EmbeddedText);
    }

    [Fact]
    public void Split_MarkdownMarkup_IsTakenAway() =>
        Assert.Equal(
            ["A word in bold, a link, an image, some code & a snake_case name, 2*3 and * alone."],
            Texts("A word in **bold**, a [link](https://example.com \"t\"),\nan ![image](x.png), some `code` &amp; a snake_case name, 2*3 and \\* alone."));

    [Fact]
    public void Split_MarkdownBlocks_EachKindIsRead()
    {
        IReadOnlyList<Passage> passages = Split(
            "---\ntitle: x\n---\nOne\n===\n> quoted\n> twice\n\n- item\n- other\n\n```sh\nls *.md\n\npwd\n```\n\n| a | b |\n|---|---|\n| c | d |\n\n~~~\nopen\n",
            DocumentFormat.Markdown);

        Assert.Equal(["quoted twice", "item other", "ls *.md pwd", "| a | b | | c | d |", "open"], passages.Select(passage => passage.Text));
        Assert.All(passages, passage => Assert.Equal("One", passage.Heading));
    }

    [Fact]
    public void Split_LongList_IsCutBetweenItems()
    {
        string list = string.Concat(Enumerable.Range(0, 20).Select(i => $"- item {i} of them\n"));

        string[] passages = [.. Split(list, DocumentFormat.Markdown).Select(passage => passage.Text)];

        Assert.True(passages.Length > 1);
        Assert.All(passages, passage => Assert.StartsWith("item", passage, StringComparison.Ordinal));
    }

    [Fact]
    public void Split_Title_StandsBeforeHeadingsAndIsNotRepeated()
    {
        Assert.Equal("Handbook › Part", Assert.Single(new PassageSplitter(_tokenizer, 16).Split(new SearchDocument("d", "# handbook\n## Part\ntext") { Title = "Handbook", Format = DocumentFormat.Markdown })).Heading);
        Assert.Equal("Handbook", Assert.Single(new PassageSplitter(_tokenizer, 16).Split(new SearchDocument("d", "text") { Title = "Handbook" })).Heading);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t\n ")]
    [InlineData("# Only a heading\n\n---\n\n   \n")]
    [InlineData("**\n\n``\n\n[](x)")]
    public void Split_NothingToRead_GivesNothing(string text) => Assert.Empty(Split(text, DocumentFormat.Markdown));

    [Theory]
    [InlineData("one\n\ntwo")]
    [InlineData("one\r\n\r\ntwo")]
    [InlineData("\r\r one \r \t \rtwo\r\r\r")]
    [InlineData("\n\n\none\n\n\n \n\ntwo\n")]
    public void Split_PlainText_EmptyLinesSeparateParagraphs(string text) => Assert.Equal(["one", "two"], Split(text));

    [Fact]
    public void Split_HugeHeading_LeavesRoomForTheText()
    {
        string heading = string.Join(' ', Enumerable.Repeat("word", 100_000));
        IReadOnlyList<Passage> passages = Split($"# {heading}\n\n{string.Join("\n\n", Enumerable.Range(0, 1000))}", DocumentFormat.Markdown);

        Assert.Equal(1000, passages.Count);
        Assert.All(passages, passage => Assert.InRange(_tokenizer.CountTokens(passage.EmbeddedText), 1, MaxTokens));
    }

    [Fact]
    public void Split_MegabyteOfText_IsReadAFewTimesOnly()
    {
        string text = string.Join(' ', Enumerable.Repeat("One two three four five.", 1 << 16));

        string[] passages = Split(text);

        Assert.InRange(passages.Length, (1 << 16) / 3, (1 << 16) / 2);
        Assert.InRange(_tokenizer.CharactersRead, text.Length, 8L * text.Length);
    }

    public static TheoryData<string> Hostile => ["x", "[", "](", "[a](", "*", "_", "`", "\\", "&", "!", ".(", ". \"", "\n", "> ", "- a\n", "# h\n", "|", "\u0301", "😀", "\ud83d", "。", "é "];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Split_MegabyteOfOneThing_TakesTimeInProportion(string part)
    {
        foreach (DocumentFormat format in Enum.GetValues<DocumentFormat>())
        {
            _tokenizer.Reset();
            string text = string.Concat(Enumerable.Repeat(part, (1 << 20) / part.Length));

            // What takes quadratic time takes very long.
            IReadOnlyList<Passage> passages = Patience.Run(() => Split(text, format));

            Assert.All(passages, passage => Assert.InRange(_tokenizer.CountTokens(passage.EmbeddedText), 1, MaxTokens));
            Assert.InRange(_tokenizer.CharactersRead, 0, 40L * text.Length);
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(60)]
    [InlineData(256)]
    public void Split_RealTokenizer_EveryPassageFits(int maxTokens)
    {
        ITokenizer tokenizer = TokenizerLoader.Load(TestPaths.DemoModel);
        string text = string.Concat(Enumerable.Repeat("The \"first\" sentence is here, with numbers 1234567890. And 日本語の文。😀 ", 200)) + new string('x', 3000) + " " + new string('"', 3000);

        IReadOnlyList<Passage> passages = new PassageSplitter(tokenizer, maxTokens).Split(new SearchDocument("d", text));

        Assert.Equal(Letters(text), string.Concat(passages.Select(passage => Letters(passage.Text))));
        Assert.All(passages, passage => Assert.InRange(tokenizer.CountTokens(passage.EmbeddedText.Replace('"', '\'')), 1, maxTokens));
    }

    [Theory]
    [InlineData(15, 0)]
    [InlineData(16, -1)]
    [InlineData(16, 9)]
    public void Constructor_NumberOutsideItsRange_Throws(int maxTokens, int overlapTokens) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PassageSplitter(_tokenizer, maxTokens, overlapTokens));

    private string[] Split(string text) => [.. Split(text, DocumentFormat.PlainText).Select(passage => passage.Text)];

    private string[] Texts(string markdown) => [.. new PassageSplitter(_tokenizer, 64).Split(new SearchDocument("d", markdown) { Format = DocumentFormat.Markdown }).Select(passage => passage.Text)];

    private IReadOnlyList<Passage> Split(string text, DocumentFormat format) => new PassageSplitter(_tokenizer, MaxTokens).Split(new SearchDocument("d", text) { Format = format });

    private static string Letters(string text) => string.Concat(text.Where(letter => !char.IsWhiteSpace(letter) && !char.IsControl(letter)));

    private static int LineOf(string text, int position) => 1 + text.AsSpan(0, position).ToString().Replace("\r\n", "\n", StringComparison.Ordinal).Count(letter => letter is '\r' or '\n');
}
