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

        Assert.True(lines.Length > 200);
        foreach (string line in lines)
        {
            Assert.Equal(_model.Encode(line), plain.Encode(line));
            Assert.Equal(_model.Decode(_model.Encode(line)), plain.Decode(plain.Encode(line)));
            Assert.Equal(line.Length == 0 ? "<s>" : $"<s> {line.Replace('▁', ' ')}", plain.Decode(plain.Encode(line)));
            if (!line.Contains("<s>", StringComparison.Ordinal) && !line.Contains("</s>", StringComparison.Ordinal) && !line.Contains("<unk>", StringComparison.Ordinal))
            {
                Assert.Equal(_model.Encode(line), _json.Encode(line));
            }
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
    public void WithSpecialTokens_SentencePieceModel_HasOnlyThePlainReading()
    {
        Assert.Equal(SpecialTokenHandling.PlainText, _model.SpecialTokens);
        Assert.Same(_model, _model.WithSpecialTokens(SpecialTokenHandling.PlainText));
        Assert.Throws<NotSupportedException>(() => _model.WithSpecialTokens(SpecialTokenHandling.Recognize));
    }

    [Fact]
    public void Load_Folder_PrefersTokenizerJson() => Assert.Equal(SpecialTokenHandling.Recognize, TokenizerLoader.Load(TestPaths.DemoModel).SpecialTokens);

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
