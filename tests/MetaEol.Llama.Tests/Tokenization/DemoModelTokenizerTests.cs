using System.Text.Json;
using MetaEol.Llama.Tokenization;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Tokenization;

/// <summary>The demo model's two tokenizer files against each other, and against the recorded ids.</summary>
public sealed class DemoModelTokenizerTests
{
    private readonly ITokenizer _json = TokenizerLoader.Load(Path.Combine(TestPaths.DemoModel, "tokenizer.json"));
    private readonly ITokenizer _model = TokenizerLoader.Load(Path.Combine(TestPaths.DemoModel, "tokenizer.model"));

    [Fact]
    public void Encode_EveryLine_GivesTheSameIdsWithBothFiles()
    {
        string[] lines = File.ReadAllText(Path.Combine(TestPaths.Root, "tests", "data", "tokenizer-lines.txt")).Split('\n');
        ITokenizer plain = _json.WithSpecialTokens(SpecialTokenHandling.PlainText);
        ITokenizer plainModel = _model.WithSpecialTokens(SpecialTokenHandling.PlainText);

        Assert.True(lines.Length > 200);
        foreach (string line in lines)
        {
            Assert.Equal(plainModel.Encode(line), plain.Encode(line));
            Assert.Equal(_model.Decode(plainModel.Encode(line)), plain.Decode(plain.Encode(line)));
            Assert.Equal(line.Length == 0 ? "<s>" : $"<s> {line.Replace('▁', ' ')}", plain.Decode(plain.Encode(line)));
        }
    }

    /// <summary>The tokenizer.json is what Hugging Face makes of the model with 'legacy' true, which it is without settings.</summary>
    [Fact]
    public void Encode_EveryLineWithTheModelAlone_GivesTheIdsOfItsConversion()
    {
        string[] lines = File.ReadAllText(Path.Combine(TestPaths.Root, "tests", "data", "tokenizer-lines.txt")).Split('\n');
        using TemporaryFile alone = new("tokenizer.model", File.ReadAllBytes(Path.Combine(TestPaths.DemoModel, "tokenizer.model")));
        ITokenizer model = TokenizerLoader.Load(alone.Folder);

        foreach (string line in lines.Concat(["<s>", "a <s> b</s></s>  c<unk>", " </s> ", "▁<s>▁a", "<s>▁", "</s"]))
        {
            Assert.Equal(_json.Encode(line), model.Encode(line));
        }
    }

    [Fact]
    public void Encode_RecordedPrompts_GivesTheRecordedIds()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(TestPaths.DemoModel, "reference.json")));
        string[] templates = [.. document.RootElement.GetProperty("templates").EnumerateArray().Select(template => template.GetString()!)];
        int prompts = 0;
        foreach (JsonElement sentence in document.RootElement.GetProperty("sentences").EnumerateArray())
        {
            JsonElement[] expected = [.. sentence.GetProperty("prompt_token_ids").EnumerateArray()];
            Assert.Equal(templates.Length, expected.Length);
            for (int i = 0; i < templates.Length; i++)
            {
                string prompt = templates[i].Replace("{text}", sentence.GetProperty("cleaned").GetString(), StringComparison.Ordinal);
                int[] ids = [.. expected[i].EnumerateArray().Select(id => id.GetInt32())];

                Assert.Equal(ids, _json.Encode(prompt));
                Assert.Equal(ids, _model.Encode(prompt));
                prompts++;
            }
        }

        Assert.True(prompts > 0);
    }

    [Fact]
    public void Encode_SpecialTokenInText_IsRecognizedOrPlain()
    {
        ITokenizer plain = _json.WithSpecialTokens(SpecialTokenHandling.PlainText);

        Assert.Equal(SpecialTokenHandling.Recognize, _json.SpecialTokens);
        Assert.Contains(2, _json.Encode("one </s> two"));
        Assert.Equal(SpecialTokenHandling.PlainText, plain.SpecialTokens);
        Assert.DoesNotContain(2, plain.Encode("one </s> two"));
        Assert.Equal(1, plain.Encode("one </s> two")[0]);
        Assert.Same(plain, plain.WithSpecialTokens(SpecialTokenHandling.PlainText));
        Assert.Same(_json, plain.WithSpecialTokens(SpecialTokenHandling.Recognize));
    }

    [Fact]
    public void WithSpecialTokens_SentencePieceModel_HasBothReadings()
    {
        ITokenizer plain = _model.WithSpecialTokens(SpecialTokenHandling.PlainText);

        Assert.Equal(SpecialTokenHandling.Recognize, _model.SpecialTokens);
        Assert.Equal(SpecialTokenHandling.PlainText, plain.SpecialTokens);
        Assert.Contains(2, _model.Encode("one </s> two"));
        Assert.DoesNotContain(2, plain.Encode("one </s> two"));
        Assert.Same(_model, plain.WithSpecialTokens(SpecialTokenHandling.Recognize));
        Assert.Same(plain, plain.WithSpecialTokens(SpecialTokenHandling.PlainText));
    }

    [Fact]
    public void Load_Folder_PrefersTokenizerJson()
    {
        // The settings of the demo model say that the model alone is to be read without 'legacy', which its tokenizer.json is not.
        const string Text = " a";
        Assert.NotEqual(_json.Encode(Text), _model.Encode(Text));
        Assert.Equal(_json.Encode(Text), TokenizerLoader.Load(TestPaths.DemoModel).Encode(Text));
    }

    [Fact]
    public void VocabularySize_BothFiles_IsThatOfTheModel()
    {
        Assert.Equal(6144, _json.VocabularySize);
        Assert.Equal(6144, _model.VocabularySize);
    }

    [Theory]
    [InlineData("", new[] { 1 })]
    public void Encode_EmptyText_GivesTheTokensOfThePostProcessor(string text, int[] ids)
    {
        Assert.Equal(ids, _json.Encode(text));
        Assert.Equal(ids, _model.Encode(text));
        Assert.Equal(0, _json.CountTokens(text));
        Assert.Equal(0, _model.CountTokens(text));
    }

    [Fact]
    public void Encode_LoneSurrogate_IsTheReplacementCharacter()
    {
        foreach (ITokenizer tokenizer in new[] { _json, _model })
        {
            Assert.Equal(tokenizer.Encode("a\uFFFDb"), tokenizer.Encode("a\uD800b"));
            Assert.Equal(tokenizer.Encode("a\uFFFD"), tokenizer.Encode("a\uDC00"));
            Assert.Equal(tokenizer.Encode("\uFFFD\uFFFD😀\uFFFD"), tokenizer.Encode("\uDC00\uD800😀\uD83D"));
        }
    }

    [Fact]
    public void Encode_ManyThreads_GivesTheIdsOfOne()
    {
        string[] lines = File.ReadAllText(Path.Combine(TestPaths.Root, "tests", "data", "tokenizer-lines.txt")).Split('\n');
        foreach (ITokenizer tokenizer in new[] { _json, _model })
        {
            int[][] expected = [.. lines.Select(tokenizer.Encode)];
            Parallel.For(0, 32, new ParallelOptions { MaxDegreeOfParallelism = 32 }, thread =>
            {
                for (int i = 0; i < lines.Length; i++)
                {
                    int line = (i + (7 * thread)) % lines.Length;
                    Assert.Equal(expected[line], tokenizer.Encode(lines[line]));
                }
            });
        }
    }

    [Fact]
    public void AllMembers_NullOrWrongArguments_Throw()
    {
        foreach (ITokenizer tokenizer in new[] { _json, _model })
        {
            Assert.Throws<ArgumentNullException>(() => tokenizer.Encode(null!));
            Assert.Throws<ArgumentNullException>(() => tokenizer.CountTokens(null!));
            Assert.Throws<ArgumentNullException>(() => tokenizer.GetIndexByTokenCount(null!, 1));
            Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.GetIndexByTokenCount("a", -1));
            Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([6144]));
            Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([-1]));
            Assert.Equal("", tokenizer.Decode([]));
        }
    }
}
