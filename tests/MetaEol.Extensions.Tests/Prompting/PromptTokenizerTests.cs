using MetaEol.Extensions.Prompting;
using MetaEol.Extensions.Tests.TestSupport;
using MetaEol.Llama;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Planning;
using Microsoft.Extensions.Logging.Abstractions;

namespace MetaEol.Extensions.Tests.Prompting;

public class PromptTokenizerTests
{
    private static readonly TemplateSet Set = new("s", [new Template("ab\"{text}\"", "short"), new Template("abcdef\"{text}\"", "long")]);

    [Fact]
    public async Task Tokenize_FillsTextsByTemplates()
    {
        TokenizedPrompts prompts = await New(100).TokenizeAsync(["one.", "two.."], Set, default);
        Assert.Equal(2, prompts.ItemCount);
        Assert.Equal(Ids("abcdef\"one.\""), prompts[0, 1].ToArray());
        Assert.Equal(Ids("ab\"two..\""), prompts[1, 0].ToArray());
        Assert.Equal(prompts[0, 0].Length + prompts[0, 1].Length + prompts[1, 0].Length + prompts[1, 1].Length, prompts.TokenCount);
    }

    [Fact]
    public async Task Tokenize_ManyTexts_EqualsOneByOne()
    {
        string[] texts = [.. Enumerable.Range(0, 2000).Select(i => $"Text number {i} of many.")];
        Stages tokenizer = New(100, options => options.Cpu.Threads = 4);
        TokenizedPrompts together = await tokenizer.TokenizeAsync(texts, Set, default);
        for (int i = 0; i < texts.Length; i += 97)
        {
            TokenizedPrompts alone = await tokenizer.TokenizeAsync([texts[i]], Set, default);
            Assert.Equal(alone[0, 1].ToArray(), together[i, 1].ToArray());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3000)]
    public async Task Tokenize_PromptLongerThanContext_NamesTextTokensAndLimit(int count)
    {
        string[] texts = [.. Enumerable.Repeat("ok.", count), new string('x', 30) + "."];
        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(() => New(35, o => o.Cpu.Threads = 2).TokenizeAsync(texts, Set, default));
        Assert.Contains($"Text {count} ", e.Message);
        Assert.Contains("31 tokens", e.Message);
        Assert.Contains("'short' 36", e.Message);
        Assert.Contains("context is 35", e.Message);
    }

    [Fact]
    public async Task Tokenize_PromptExactlyAsLongAsContext_Fits() =>
        Assert.Equal(36, (await New(36).TokenizeAsync([new string('x', 26) + "."], Set, default))[0, 1].Length);

    [Fact]
    public async Task Truncate_CutsTheTextUntilEveryPromptFitsAndNeverTheTemplate()
    {
        TokenizedPrompts prompts = await New(20, options => options.TextOverflow = TextOverflow.Truncate).TokenizeAsync([new string('x', 100_000)], Set, default);
        Assert.Equal(Ids("abcdef\"" + new string('x', 10) + ".\""), prompts[0, 1].ToArray());
        Assert.Equal(Ids("ab\"" + new string('x', 10) + ".\""), prompts[0, 0].ToArray());
    }

    [Fact]
    public async Task Truncate_NeverSplitsASurrogatePair()
    {
        string text = string.Concat(Enumerable.Repeat("\U0001F600", 50));
        for (int context = 14; context < 24; context++)
        {
            TokenizedPrompts prompts = await New(context, options => options.TextOverflow = TextOverflow.Truncate).TokenizeAsync([text], Set, default);
            int units = prompts[0, 0].Length - Ids("ab\".\"").Length;
            Assert.Equal(0, units % 2);
            Assert.InRange(prompts[0, 1].Length, context - 1, context);
        }
    }

    [Theory]
    [InlineData(TextOverflow.Error)]
    [InlineData(TextOverflow.Truncate)]
    public async Task Tokenize_TemplateLongerThanContext_SaysSo(TextOverflow overflow)
    {
        Stages tokenizer = New(8, options => options.TextOverflow = overflow);
        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(() => tokenizer.TokenizeAsync([""], Set, default));
        Assert.Contains("Template 'long' alone has 9 tokens", e.Message);
    }

    [Fact]
    public async Task MaxTextTokens_Error_NamesTextTokensAndLimit()
    {
        Stages tokenizer = New(100, options => options.MaxTextTokens = 5);
        Assert.Equal(1, (await tokenizer.TokenizeAsync(["abcde"], Set, default)).ItemCount);
        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(() => tokenizer.TokenizeAsync(["ab", "abcdef"], Set, default));
        Assert.Contains("Text 1 has 6 tokens", e.Message);
        Assert.Contains("allows 5", e.Message);
        Assert.Contains("Truncate", e.Message);
    }

    [Fact]
    public async Task MaxTextTokens_Truncate_KeepsThatManyOfTheTextAsGiven()
    {
        Stages tokenizer = New(100, options => (options.MaxTextTokens, options.TextOverflow) = (5, TextOverflow.Truncate));
        Assert.Equal(Ids("ab\"abcde.\""), (await tokenizer.TokenizeAsync(["abcdefgh"], Set, default))[0, 0].ToArray());
    }

    [Fact]
    public async Task CleanText_Off_LeavesTheTextAlone()
    {
        Stages tokenizer = New(100, options => options.CleanText = false);
        Assert.Equal(Ids("ab\"a \"b\"?\""), (await tokenizer.TokenizeAsync(["a \"b\"?"], Set, default))[0, 0].ToArray());
    }

    [Theory]
    [InlineData(SpecialTokenHandling.PlainText)]
    [InlineData(SpecialTokenHandling.Recognize)]
    public async Task SpecialTokens_OfTheText_AreReadAsTheOptionSays_ThoseOfTheTemplateAlways(SpecialTokenHandling handling)
    {
        var set = new TemplateSet("s", [new Template("§ab{text}§"), new Template("{text}§"), new Template("§ {text}")]);
        Stages tokenizer = New(100, options => (options.SpecialTokens, options.CleanText) = (handling, false));
        TokenizedPrompts prompts = await tokenizer.TokenizeAsync([" §x§ ", "", "  "], set, default);
        int inText = handling == SpecialTokenHandling.PlainText ? FakeTokenizer.Id('§') : FakeTokenizer.SpecialId;
        const int InTemplate = FakeTokenizer.SpecialId;
        static int[] Plain(string text) => Ids(text)[1..];
        Assert.Equal([1, InTemplate, .. Plain("ab "), inText, .. Plain("x"), inText, .. Plain(" "), InTemplate], prompts[0, 0].ToArray());
        Assert.Equal([1, inText, .. Plain("x"), inText, .. Plain(" "), InTemplate], prompts[0, 1].ToArray());
        Assert.Equal([1, InTemplate, .. Plain("  "), inText, .. Plain("x"), inText], prompts[0, 2].ToArray());
        Assert.Equal([1, InTemplate, .. Plain("ab"), InTemplate], prompts[1, 0].ToArray());
        Assert.Equal([1, InTemplate], prompts[1, 1].ToArray());
        Assert.Equal([1, InTemplate], prompts[1, 2].ToArray());
        Assert.Equal([1, InTemplate, .. Plain("ab  "), InTemplate], prompts[2, 0].ToArray());
        Assert.Equal([1, InTemplate], prompts[2, 1].ToArray());
        Assert.Equal([1, InTemplate], prompts[2, 2].ToArray());
    }

    [Fact]
    public async Task SpecialTokens_PlainText_CountAsPlainTextForTheLimit()
    {
        static Stages Limited(SpecialTokenHandling handling) => New(100, options => (options.SpecialTokens, options.MaxTextTokens) = (handling, 4));
        Assert.Equal(1, (await Limited(SpecialTokenHandling.PlainText).TokenizeAsync(["a§§b"], Set, default)).ItemCount);
        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(() => Limited(SpecialTokenHandling.Recognize).TokenizeAsync(["a§§b"], Set, default));
        Assert.Contains("6 tokens", e.Message);
    }

    [Fact]
    public async Task SpecialTokens_TokenizerThatCannotTellTextFromTemplate_SaysWhatToDo()
    {
        static Stages Of(ITokenizer tokenizer, SpecialTokenHandling handling) =>
            new(tokenizer, FakeEncoder.NewMetadata(8, 2, 100), new MetaEolOptions { SpecialTokens = handling });
        NotSupportedException e = Assert.Throws<NotSupportedException>(() => Of(new PlainTokenizer(SpecialTokenHandling.Recognize), SpecialTokenHandling.PlainText));
        Assert.Contains("PlainTokenizer cannot read a part of a prompt as plain text", e.Message);
        Assert.Contains("SpecialTokens to Recognize", e.Message);
        Assert.Equal(2, (await Of(new PlainTokenizer(SpecialTokenHandling.Recognize), SpecialTokenHandling.Recognize).TokenizeAsync(["a", "b"], Set, default)).ItemCount);

        // Counting serves the limits only.
        var parts = new PartsTokenizer();
        TokenizedPrompts prompts = await Of(parts, SpecialTokenHandling.PlainText).TokenizeAsync(["§"], Set, default);
        Assert.Equal([.. Ids("ab\""), FakeTokenizer.Id('§'), .. Ids(".\"")[1..]], prompts[0, 0].ToArray());

        // Where a tokenizer cannot keep one text plain, the text is named.
        ArgumentException named = await Assert.ThrowsAsync<ArgumentException>(() => Of(parts, SpecialTokenHandling.PlainText).TokenizeAsync(["a", "¤"], Set, default));
        Assert.Contains("Text 1 cannot be read as plain text: '¤' is always special.", named.Message);

        // One that knows no special tokens has nothing to tell apart.
        Assert.Equal(2, (await Of(new PlainTokenizer(SpecialTokenHandling.PlainText), SpecialTokenHandling.PlainText).TokenizeAsync(["a", "b"], Set, default)).ItemCount);
    }

    [Fact]
    public async Task Tokenize_TokenWithoutEmbedding_NamesText()
    {
        var tokenizer = new Stages(new FakeTokenizer(), FakeEncoder.NewMetadata(8, 2, 100) with { VocabularySize = 500 }, new MetaEolOptions());
        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(() => tokenizer.TokenizeAsync(["fine", "\u0300"], Set, default));
        Assert.Contains("Text 1", e.Message);
        Assert.Contains("770", e.Message);
    }

    [Theory]
    [InlineData(RopeType.Linear, 100, 4, 50, 400)]
    [InlineData(RopeType.Dynamic, 100, 2, 100, 200)]
    [InlineData(RopeType.Yarn, 100, 4, 100, 400)]
    [InlineData(RopeType.Yarn, 400, 4, 100, 400)]
    [InlineData(RopeType.Llama3, 800, 8, 100, 800)]
    public void Context_CountsRopeScaling(RopeType type, int maxPosition, double factor, int original, int expected)
    {
        LlamaConfig config = new()
        {
            Architecture = "LlamaForCausalLM",
            VocabularySize = 1000,
            HiddenSize = 8,
            IntermediateSize = 16,
            LayerCount = 2,
            AttentionHeads = 2,
            KeyValueHeads = 2,
            HeadDimension = 4,
            RmsNormEpsilon = 1e-5,
            MaxPositionEmbeddings = maxPosition,
            Rotary = [.. Enumerable.Repeat(new RotaryParameters { Theta = 10000, Dimensions = 4, Scaling = new RopeScaling { Type = type, Factor = factor, OriginalMaxPositionEmbeddings = original } }, 2)],
            ScoreScale = 0.5,
            SlidingWindows = new int?[2],
        };
        var tokenizer = new PromptTokenizer(new FakeTokenizer(), PromptEncoderMetadata.Of(config), new MetaEolOptions(), NullLogger.Instance);
        Assert.Equal(expected, tokenizer.ContextTokens);
    }

    [Fact]
    public async Task Slices_CoverAllTextsWithinTheBudget()
    {
        string[] texts = [.. Enumerable.Range(0, 40).Select(i => new string('x', 1 + (i * 7 % 30)) + ".")];
        TokenizedPrompts prompts = await New(100).TokenizeAsync(texts, Set, default);
        int seen = 0;
        foreach ((int first, int count) in new WorkLimits { CallTokens = 120 }.Calls(prompts.ItemCount, prompts.TokensOf))
        {
            Assert.Equal(seen, first);
            IReadOnlyList<ReadOnlyMemory<int>> slice = prompts.Slice(first, count);
            Assert.True(count == 1 || slice.Sum(prompt => prompt.Length) <= 120);
            Assert.Equal(prompts[seen, 0], slice[0]);
            Assert.Equal(count * 2, slice.Count);
            seen += count;
        }

        Assert.Equal(texts.Length, seen);
    }

    private static int[] Ids(string prompt) => new FakeTokenizer().Encode(prompt);

    private static Stages New(int context, Action<MetaEolOptions>? configure = null)
    {
        var options = new MetaEolOptions();
        configure?.Invoke(options);
        return new Stages(new FakeTokenizer(), FakeEncoder.NewMetadata(8, 2, context), options);
    }

    /// <summary>Implements what a tokenizer must, and nothing more.</summary>
    private class PlainTokenizer(SpecialTokenHandling handling) : ITokenizer
    {
        private readonly FakeTokenizer _inner = new();

        public int VocabularySize => _inner.VocabularySize;

        public string Fingerprint => "plain";

        public SpecialTokenHandling SpecialTokens => handling;

        public int[] Encode(string text) => _inner.Encode(text);

        public int CountTokens(string text) => _inner.CountTokens(text);

        public int GetIndexByTokenCount(string text, int maxTokenCount) => _inner.GetIndexByTokenCount(text, maxTokenCount);

        public string Decode(ReadOnlySpan<int> ids) => _inner.Decode(ids);
    }

    /// <summary>Tells text from template, and does not count so.</summary>
    private sealed class PartsTokenizer() : PlainTokenizer(SpecialTokenHandling.Recognize), ITokenizer
    {
        int[] ITokenizer.Encode(string text, Range plainText) => text[plainText].Contains('¤')
            ? throw new NotSupportedException("'¤' is always special.")
            : new FakeTokenizer().Encode(text, plainText);
    }

    /// <summary>The first two stages.</summary>
    private sealed class Stages(ITokenizer tokenizer, PromptEncoderMetadata encoder, MetaEolOptions options)
    {
        private readonly PromptTokenizer _tokenizer = new(tokenizer, encoder, options, NullLogger.Instance);

        public Task<TokenizedPrompts> TokenizeAsync(string[] texts, TemplateSet set, CancellationToken cancellationToken) =>
            _tokenizer.TokenizeAsync(new PromptSet(texts, set, options.CleanText), cancellationToken);
    }
}
