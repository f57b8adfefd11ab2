using MetaEol.Extensions.Prompting;
using MetaEol.Extensions.Tests.TestSupport;
using MetaEol.Llama;
using MetaEol.Llama.Encoders;
using MetaEol.Tests;

namespace MetaEol.Extensions.Tests;

public sealed class RerankTests : IDisposable
{
    private static readonly RerankOptions Ids = new() { Prompt = "{passage} " };

    private readonly MetaEolEmbeddingGenerator _generator = New();

    public static TheoryData<string> Models => [.. RecordedMethods.ModelsOf("likelihood")];

    public void Dispose() => _generator.Dispose();

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Score_OfRecordedContinuations_EqualsHuggingFace(string model)
    {
        RecordedMethods.LikelihoodFile file = RecordedMethods.Read<RecordedMethods.LikelihoodFile>("likelihood", model);
        using MetaEolEmbeddingGenerator generator = RecordedMethods.NewGenerator(model);
        foreach (RecordedMethods.LikelihoodPair pair in file.Pairs)
        {
            RerankedPassage found = Assert.Single(await generator.RerankAsync(IdsTokenizer.Text(pair.Continuation), [IdsTokenizer.Text(pair.Prefix)], Ids));
            Assert.Equal(pair.Mean, found.Score, 2e-5);
        }
    }

    [Theory]
    [InlineData("Who runs through the snow?")]
    [InlineData("  why  \u732b\n")]
    [InlineData("?")]
    public async Task Score_EqualsTokenByTokenReference(string question)
    {
        string[] passages = ["Two dogs run through deep snow.", "", "A man plays a guitar.", "Snow", "  \n ", "Caf\u00e9 </s> ends."];
        IReadOnlyList<RerankedPassage> found = await _generator.RerankAsync(question, passages);
        Assert.Equal(Enumerable.Range(0, passages.Length), found.Select(passage => passage.Index).Order());
        Assert.Equal(found.Select(passage => passage.Score).OrderDescending(), found.Select(passage => passage.Score));
        var tokenizer = ((ITokenizer)_generator.GetService(typeof(ITokenizer))!).WithSpecialTokens(SpecialTokenHandling.PlainText);
        foreach (RerankedPassage passage in found)
        {
            string prompt = RerankOptions.DefaultPrompt.Replace("{passage}", passages[passage.Index], StringComparison.Ordinal);
            int[] all = tokenizer.Encode(prompt + question.Trim());
            int context = all.AsSpan().CommonPrefixLength(tokenizer.Encode(prompt));
            Assert.InRange(context, 5, all.Length - 1);
            Assert.Equal(await ReferenceAsync(_generator, all, context), passage.Score, 2e-5);
        }
    }

    [Theory]
    [InlineData("LlamaForCausalLM", 11, "{}")]
    [InlineData("Qwen2ForCausalLM", 12, "{}")]
    [InlineData("Qwen3ForCausalLM", 13, "{}")]
    [InlineData("Gemma2ForCausalLM", 14, "{\"final_logit_softcapping\": 3.0}")]
    [InlineData("GraniteForCausalLM", 15, "{\"logits_scaling\": 2.5}")]
    [InlineData("Olmo2ForCausalLM", 16, "{}")]
    [InlineData("LlamaForCausalLM", 17, "{\"rope_scaling\": {\"type\": \"dynamic\", \"factor\": 2.0}, \"max_position_embeddings\": 24}")]
    public async Task Scores_OfRandomModels_EqualEachPrefixRunAlone(string architecture, int seed, string keys)
    {
        using var folder = new TestSupport.TemporaryFolder();
        new RandomModel { Architecture = architecture, Seed = seed, HiddenSize = 32, IntermediateSize = 48, LayerCount = 3, Keys = keys }.Write(folder.Path);
        using MetaEolEmbeddingGenerator generator = RecordedMethods.NewGeneratorOf(folder.Path, options => options.CallTokens = 60);
        using LlamaModel model = LlamaModel.Load(folder.Path, new IdsTokenizer());
        using IPromptEncoder alone = model.CreateEncoder(new CpuEncoderOptions { SharePrefixes = false, PrefixCacheBytes = 0, Threads = 1 });
        using OutputHead head = model.CreateOutputHead(1);
        var random = new Random(seed);
        for (int round = 0; round < 3; round++)
        {
            int[] question = Tokens(random, random.Next(1, 8));
            int[][] passages = [.. Enumerable.Range(0, 12).Select(_ => Tokens(random, random.Next(0, 20)))];
            passages[3] = [.. passages[2], 5];
            IReadOnlyList<RerankedPassage> found = await generator.RerankAsync(
                IdsTokenizer.Text(question), passages.Select(passage => IdsTokenizer.Text(passage)), new RerankOptions { Prompt = "7 8 {passage} 9 " });
            Assert.Equal(passages.Length, found.Count);
            foreach (RerankedPassage passage in found)
            {
                int[] all = [7, 8, .. passages[passage.Index], 9, .. question];
                double expected = Enumerable.Range(0, question.Length).Average(i =>
                {
                    float[] state = new float[model.Config.HiddenSize];
                    alone.Encode([all.AsMemory(0, all.Length - question.Length + i)], [model.Config.LayerCount], state);
                    float[] logits = new float[head.VocabularySize];
                    head.ComputeLogits(state, model.Config.LayerCount, logits);
                    return PlainHead.LogLikelihood(Array.ConvertAll(logits, logit => (double)logit), question[i]);
                });
                Assert.Equal(expected, passage.Score, 2e-5);
            }
        }
    }

    [Fact]
    public async Task Cost_OfPassages_IsOneRowForEachTokenAndTheBeginningOnce()
    {
        RecordingEncoder? encoder = null;
        var options = new MetaEolOptions { ModelPath = Path.Combine(TestPaths.Golden, "llama-gqa-f32"), Cpu = { Threads = 2 } };
        using var generator = new MetaEolEmbeddingGenerator(options, createEncoder: context => encoder = new RecordingEncoder(context.Model, options.Cpu), createTokenizer: _ => new IdsTokenizer());
        var prompt = new RerankOptions { Prompt = "1 2 3 4 5 6 7 8 9 10 {passage} 11 " };
        int[] first = [.. Enumerable.Range(20, 6)];

        // Passages that share no beginning: ten tokens of prompt once; for each passage its 30 tokens, one of prompt, and the question but its last token.
        await generator.RerankAsync(IdsTokenizer.Text(first), Passages(100, 8), prompt);
        Assert.Equal(new LoggedPass(8 * 6, 10 + (8 * (30 + 1 + 5)), 0), Assert.Single(encoder!.Passes));

        // The second call shows that the beginning comes again, the third has it from the cache. Other passages and questions share nothing else.
        await generator.RerankAsync(IdsTokenizer.Text([.. Enumerable.Range(30, 4)]), Passages(110, 8), prompt);
        await generator.RerankAsync(IdsTokenizer.Text([.. Enumerable.Range(40, 2)]), Passages(120, 8), prompt);
        Assert.Equal([new LoggedPass(8 * 4, 10 + (8 * (30 + 1 + 3)), 0), new LoggedPass(8 * 2, 8 * (30 + 1 + 1), 10)], encoder.Passes.Skip(1));
    }

    [Fact]
    public async Task Calls_AreCutByTokensComputed()
    {
        RecordingEncoder? encoder = null;
        var options = new MetaEolOptions { ModelPath = Path.Combine(TestPaths.Golden, "llama-gqa-f32"), CallTokens = 100 };
        using var generator = new MetaEolEmbeddingGenerator(options, createEncoder: context => encoder = new RecordingEncoder(context.Model, options.Cpu), createTokenizer: _ => new IdsTokenizer());
        await generator.RerankAsync("20 21 22 23 24", Passages(100, 6), Ids);

        // A passage costs 30 tokens and 4 of the question, so that two go into a call.
        Assert.Equal([2 * 34, 2 * 34, 2 * 34], encoder!.Passes.Select(pass => pass.TokensComputed));
    }

    [Fact]
    public async Task Passages_WithEqualScores_KeepTheirOrder()
    {
        IReadOnlyList<RerankedPassage> found = await _generator.RerankAsync("Who sings?", ["Dogs run.", "The choir sings in church.", "Dogs run.", "The choir sings in church."]);
        Assert.Equal(found[0].Score, found[1].Score, 1e-6);
        Assert.Equal(found[2].Score, found[3].Score, 1e-6);
        Assert.Equal(found.OrderByDescending(passage => passage.Score).ThenBy(passage => passage.Index), found);
        Assert.Empty(await _generator.RerankAsync("Who sings?", []));
    }

    [Fact]
    public async Task Border_TokensThatPromptAndWholeShare_AreContext()
    {
        // "is" and "so" are tokens of their own, as they are across the border: "..i" + "so" has i-s joined, so that the shared beginning ends before the i.
        var encoder = new FakeEncoder();
        PromptSet Prompts(string question) => new(["ab"], RerankPrompt.Parse("x{passage}i"), question, plainToEnd: true);
        var tokenizer = new PromptTokenizer(new PairTokenizer(), encoder.Metadata, new MetaEolOptions { Cpu = { Threads = 1 } }, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        TokenizedPrompts joined = await tokenizer.TokenizeAsync(Prompts("so"), default);
        Assert.Equal([[1, 'x', 'a', 'b'], [1, 'x', 'a', 'b', 500]], joined.Slice(0, 1).Select(prompt => prompt.ToArray()));
        Assert.Equal([500, 'o'], joined.NextTokens(0, 1).ToArray());
        TokenizedPrompts apart = await tokenizer.TokenizeAsync(Prompts("at"), default);
        Assert.Equal([[1, 'x', 'a', 'b', 'i'], [1, 'x', 'a', 'b', 'i', 'a']], apart.Slice(0, 1).Select(prompt => prompt.ToArray()));

        // The tokenizer's own end of sequence is no part of the question.
        Assert.Equal(['a', 't'], apart.NextTokens(0, 1).ToArray());
    }

    [Theory]
    [InlineData("{passage}: ", "a\u00a7b", "q\u00a7", false, false)]
    [InlineData("\u00a7 {passage}: ", "a\u00a7b", "q\u00a7", true, false)]
    [InlineData("\u00a7 {passage} \u00a7: ", "a\u00a7b", "q", true, true)]
    public async Task SpecialTokens_OfPassageAndQuestion_ArePlainAndThoseOfThePromptAreNot(string prompt, string passage, string question, bool before, bool behind)
    {
        var encoder = new FakeEncoder();
        var tokenizer = new PromptTokenizer(new FakeTokenizer(), encoder.Metadata, new MetaEolOptions(), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var parsed = RerankPrompt.Parse(prompt);
        TokenizedPrompts found = await tokenizer.TokenizeAsync(new PromptSet([passage], parsed, question, tokenizer.MayReadPlain(parsed, question)), default);
        string whole = prompt.Replace("{passage}", passage, StringComparison.Ordinal);
        int[] expected = [1, .. (whole + question).Select(FakeTokenizer.Id)];
        if (before)
        {
            expected[1] = FakeTokenizer.SpecialId;
        }

        if (behind)
        {
            expected[whole.LastIndexOf('\u00a7') + 1] = FakeTokenizer.SpecialId;
        }

        Assert.Equal(expected, (int[])[.. found[0, question.Length - 1].ToArray(), found.NextTokens(0, 1).Span[^1]]);
        Assert.Equal(question.Length, found.PromptCount(0));
    }

    [Fact]
    public async Task SpecialTokens_OfQuestionAndOfPromptBehindThePassage_AreRefusedTogether()
    {
        var options = new RerankOptions { Prompt = "{passage} </s> " };
        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(() => _generator.RerankAsync("Who </s> sings?", ["a"], options));
        Assert.Contains("behind {passage}", e.Message);
        Assert.Equal("question", e.ParamName);
        Assert.Single(await _generator.RerankAsync("Who sings?", ["a </s>"], options));
        using MetaEolEmbeddingGenerator recognizing = New(o => o.SpecialTokens = SpecialTokenHandling.Recognize);
        Assert.Single(await recognizing.RerankAsync("Who </s> sings?", ["a"], options));
    }

    [Fact]
    public async Task LongPassage_IsAnErrorOrCutAndTheQuestionIsWhole()
    {
        string text = string.Concat(Enumerable.Repeat("The choir sings in church. ", 200));
        const string question = "Who sings on Sundays in the old church?";
        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(() => _generator.RerankAsync(question, ["short", text]));
        Assert.Contains("Passage 1 has ", e.Message);
        Assert.Contains("context is 512", e.Message);
        Assert.Equal("passages", e.ParamName);

        using MetaEolEmbeddingGenerator truncating = New(options => options.TextOverflow = TextOverflow.Truncate);
        IReadOnlyList<RerankedPassage> cut = await truncating.RerankAsync(question, ["short", text]);
        await _generator.LoadAsync();
        var tokenizer = (ITokenizer)_generator.GetService(typeof(ITokenizer))!;
        string Prompt(string passage) => RerankOptions.DefaultPrompt.Replace("{passage}", passage, StringComparison.Ordinal) + question;
        string kept = text;
        while (tokenizer.Encode(Prompt(kept)).Length > 512)
        {
            kept = kept[..^1];
        }

        IReadOnlyList<RerankedPassage> whole = await _generator.RerankAsync(question, ["short", kept]);
        Assert.Equal(Score(whole, 1), Score(cut, 1), 1e-3);
        Assert.Equal(Score(whole, 0), Score(cut, 0), 1e-5);

        string longQuestion = string.Concat(Enumerable.Repeat("who sings ", 600));
        Assert.Contains("shorter question", (await Assert.ThrowsAsync<ArgumentException>(() => truncating.RerankAsync(longQuestion, ["a"]))).Message);
        using MetaEolEmbeddingGenerator limited = New(options => options.MaxTextTokens = 5);
        Assert.Contains("Passage 0 has ", (await Assert.ThrowsAsync<ArgumentException>(() => limited.RerankAsync(question, ["The choir sings in church every Sunday."]))).Message);
        Assert.Single(await limited.RerankAsync(question, ["Choirs."]));
    }

    [Fact]
    public async Task Arguments_ThatCannotBeServed_SayWhy()
    {
        Assert.Equal("question", (await Assert.ThrowsAsync<ArgumentException>(() => _generator.RerankAsync(" ", ["a"]))).ParamName);
        Assert.Equal("passages", (await Assert.ThrowsAsync<ArgumentNullException>(() => _generator.RerankAsync("a", null!))).ParamName);
        ArgumentException missing = await Assert.ThrowsAsync<ArgumentException>(() => _generator.RerankAsync("a", ["b", null!]));
        Assert.Equal("passages", missing.ParamName);
        Assert.Contains("1 is null", missing.Message);
        foreach ((string prompt, string message) in ((string, string)[])[("nothing", "0 times"), ("{passage} {passage}", "2 times"), ("{passage} {question}", "leave it out")])
        {
            Assert.Contains(message, (await Assert.ThrowsAsync<ArgumentException>(() => _generator.RerankAsync("a", ["b"], new RerankOptions { Prompt = prompt }))).Message);
        }

        using MetaEolEmbeddingGenerator headless = FakeGenerator.Create(new FakeEncoder());
        Assert.Contains("create it from a model folder", (await Assert.ThrowsAsync<NotSupportedException>(() => headless.RerankAsync("a", ["b"]))).Message);
        using MetaEolEmbeddingGenerator ids = RecordedMethods.NewGenerator("llama-gqa-f32");
        Assert.Contains("passage 0", (await Assert.ThrowsAsync<ArgumentException>(() => ids.RerankAsync("5", [""], Ids))).Message);
    }

    [Fact]
    public async Task Question_WithBraces_IsTakenAsItIs()
    {
        double plain = Score(await _generator.RerankAsync("Where does {text} or {passage} stand?", ["It stands here."]), 0);
        var tokenizer = (ITokenizer)_generator.GetService(typeof(ITokenizer))!;
        string prompt = RerankOptions.DefaultPrompt.Replace("{passage}", "It stands here.", StringComparison.Ordinal);
        int[] all = tokenizer.Encode(prompt + "Where does {text} or {passage} stand?");
        Assert.Equal(await ReferenceAsync(_generator, all, all.AsSpan().CommonPrefixLength(tokenizer.Encode(prompt))), plain, 2e-5);
    }

    [Fact]
    public async Task Cancellation_EndsTheRequest()
    {
        using var cancelled = new CancellationTokenSource();
        var encoder = new FakeEncoder(hiddenSize: 256, layers: 4, context: 512, vocabulary: 6144) { OnEncode = (_, _) => cancelled.Cancel() };
        using var generator = new MetaEolEmbeddingGenerator(
            new MetaEolOptions { ModelPath = TestPaths.DemoModel },
            createEncoder: context =>
            {
                _ = context.Model;
                return encoder;
            });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => generator.RerankAsync("Who?", ["Dogs run."], cancellationToken: cancelled.Token));
        encoder.OnEncode = null;
        Assert.Single(await generator.RerankAsync("Who?", ["Dogs run."]));
    }

    private static MetaEolEmbeddingGenerator New(Action<MetaEolOptions>? configure = null)
    {
        var options = new MetaEolOptions { ModelPath = TestPaths.DemoModel, Cpu = { Threads = 2 } };
        configure?.Invoke(options);
        return new MetaEolEmbeddingGenerator(options);
    }

    private static double Score(IReadOnlyList<RerankedPassage> found, int index) => found.Single(passage => passage.Index == index).Score;

    private static int[] Tokens(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(20, 300))];

    // Of 30 tokens, each beginning with another.
    private static IEnumerable<string> Passages(int first, int count) =>
        Enumerable.Range(0, count).Select(i => IdsTokenizer.Text([first + i, .. Enumerable.Range(0, 29).Select(t => 150 + ((t * (i + first)) % 100))]));

    // Each prefix in a request of its own, logits and softmax in double precision.
    private static async Task<double> ReferenceAsync(MetaEolEmbeddingGenerator generator, int[] all, int context)
    {
        var model = (LlamaModel)generator.GetService(typeof(LlamaModel))!;
        double sum = 0;
        for (int i = context; i < all.Length; i++)
        {
            ViewBatch views = await generator.EncodePromptsAsync([[all.AsMemory(0, i)]], [LayerSelector.Last]).SingleAsync();
            sum += PlainHead.LogLikelihood(PlainHead.Logits(model, views[0, 0].Span), all[i]);
        }

        return sum / (all.Length - context);
    }

    /// <summary>One token per character, but "is" is one token of id 500; begins with 1 and ends with 2.</summary>
    private sealed class PairTokenizer : ITokenizer
    {
        public int VocabularySize => 1000;

        public string Fingerprint => "pairs";

        public int[] Encode(string text) => [1, .. text.Replace("is", "\u01f4", StringComparison.Ordinal).Select(c => (int)c), 2];

        public int[] Encode(string text, Range plainText) => Encode(text);

        public int CountTokens(string text) => Encode(text).Length - 2;

        public int GetIndexByTokenCount(string text, int maxTokenCount) => Math.Min(text.Length, maxTokenCount);

        public string Decode(ReadOnlySpan<int> ids) => string.Join(' ', ids.ToArray());
    }
}
