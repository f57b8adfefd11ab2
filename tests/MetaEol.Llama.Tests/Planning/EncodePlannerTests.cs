using MetaEol.Llama.Planning;

namespace MetaEol.Llama.Tests.Planning;

/// <summary>The planner over a backend of arrays: every sharing, cutting, caching and failing, with results that a wrong token would change.</summary>
public class EncodePlannerTests
{
    private static readonly PromptEncoderMetadata Encoder = new(Dimensions: 1, LayerCount: 4, ContextTokens: 1000, VocabularySize: 100);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Run_RandomCalls_GiveEachPromptItsOwnStateAndKeepEveryLimit(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 20; round++)
        {
            long cacheBytes = random.Next(3) switch { 0 => 0, 1 => random.Next(2000), _ => 1 << 20 };
            var backend = new SumBackend();
            using var planner = Create(backend, new EncodePlannerOptions { PassRows = random.Next(1, 200), PrefixCacheBytes = cacheBytes, SharePrefixes = random.Next(5) > 0 });
            ReadOnlyMemory<int>[] before = [];
            for (int call = 0; call < 6; call++)
            {
                ReadOnlyMemory<int>[] fresh = RandomPrompts.Create(random, vocabulary: call % 2 == 0 ? 2 : 50, maximumCount: 30, maximumLength: 40);
                ReadOnlyMemory<int>[] prompts = [.. before.Take(before.Length / 2), .. fresh, .. before.Take(3).Select(prompt => new ReadOnlyMemory<int>([.. prompt.Span, 5, 6]))];
                before = prompts;
                int[] layers = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.Next(Encoder.LayerCount + 1))];

                AssertRight(backend, planner, prompts, layers);
                Assert.InRange(planner.CachedBytes, 0, cacheBytes);
                Assert.Equal(planner.CachedPrefixes, backend.Live);
                Assert.All(backend.Passes, pass => Assert.True(pass.Plan.PromptRows.Length == 1 || pass.Plan.TokensComputed <= planner.PassRows));
                backend.Passes.Clear();
            }
        }
    }

    [Fact]
    public void Stages_PromptsOfOtherDepths_LeaveWhereTheyEnd()
    {
        var backend = new SumBackend();
        using var planner = Create(backend, new EncodePlannerOptions { StopsEarly = true });
        ReadOnlyMemory<int>[] prompts = [new int[] { 1, 2, 3 }, new int[] { 1, 2, 4, 5 }, new int[] { 1, 2 }];
        var batch = new PromptBatch(prompts, [2, 4, 2], layersPerPrompt: 1);
        EncodeCall call = planner.CreateCall(batch, 3);
        planner.Run(call, () => { });

        PlannedPass<ArrayEntry> pass = Assert.Single(backend.Passes);
        Assert.Equal(5, pass.Plan.TokensComputed);
        Assert.Equal(4, pass.Depth);
        Assert.Equal([(0, 2), (2, 4)], pass.Stages.Select(stage => (stage.FirstLayer, stage.EndLayer)));
        (PassStage<ArrayEntry> first, PassStage<ArrayEntry> second) = (pass.Stages[0], pass.Stages[1]);

        // Rows: 1, 2, then 3, then 4, 5. The first prompt's 3 leaves; 1 and 2 stay for the prompt that goes on.
        Assert.Equal([1, 2, 3, 4, 5], first.Plan.Tokens.ToArray());
        Assert.Equal([0, 1, 3, 4], first.StayingRows);
        Assert.Equal([0, 1, 2, 3, 4], first.AskedRows);
        Assert.Equal([1, 2, 4, 5], second.Plan.Tokens.ToArray());
        Assert.Equal([3], second.Plan.PromptRows.ToArray());
        Assert.Equal([3], second.AskedRows);
        Assert.Empty(second.StayingRows);
    }

    [Fact]
    public void Stages_EncoderThatDoesNotStopEarly_HasOne()
    {
        var backend = new SumBackend();
        using var planner = Create(backend);
        planner.Run(planner.CreateCall(new PromptBatch([new int[] { 1, 2 }, new int[] { 3 }], [1, 4], layersPerPrompt: 1), 2), () => { });
        PassStage<ArrayEntry> stage = Assert.Single(Assert.Single(backend.Passes).Stages);
        Assert.Equal((0, 4), (stage.FirstLayer, stage.EndLayer));
    }

    [Fact]
    public void Run_Placeholder_SharesTheTokensBeforeItOnly()
    {
        var backend = new SumBackend();
        using var planner = Create(backend);
        int[] template = [.. Enumerable.Range(1, 15)];
        var rows = new List<int>();
        for (int call = 0; call < 3; call++)
        {
            // Both texts begin alike: behind the placeholder nothing is shared, for what stands there depends on the whole prompt.
            ReadOnlyMemory<int>[] prompts = [(int[])[.. template, 99, 50, 20 + call], (int[])[.. template, 99, 50, 40 + call]];
            planner.Run(planner.CreateCall(new PromptBatch(prompts, [4]) { Prepending = new TokenPrepending(1, 3), Placeholders = [15, 15] }, 2), () => { });
        }

        Assert.Equal([21, 21, 6], backend.Passes.Select(pass => pass.Plan.TokensComputed));
        Assert.Equal([(15, 17), (18, 20)], backend.Passes[0].Placeholders);
        Assert.Equal([(0, 2), (3, 5)], backend.Passes[2].Placeholders);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_PlaceholdersInThePapersPrompts_AddAtMostSixPerCentOfTheRows(bool warm)
    {
        // Eight templates with 70 tokens before a text of 15 and 12 behind it.
        var random = new Random(3);
        int[] Ids(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(100))];
        (int[] Before, int[] After)[] templates = [.. Enumerable.Range(0, 8).Select(_ => (Ids(70), Ids(12)))];
        int Rows(bool prepends)
        {
            var backend = new SumBackend();
            using var planner = Create(backend);
            for (int call = 0; call < (warm ? 3 : 1); call++)
            {
                ReadOnlyMemory<int>[] prompts = [.. Enumerable.Range(0, 64).Select(_ => Ids(15)).SelectMany(text => templates.Select(t => (ReadOnlyMemory<int>)(int[])[.. t.Before, .. prepends ? [7] : Array.Empty<int>(), .. text, .. t.After]))];
                var batch = new PromptBatch(prompts, [4]) { Prepending = prepends ? new TokenPrepending(1, 2) : null, Placeholders = prepends ? [.. Enumerable.Repeat(70, prompts.Length)] : [] };
                planner.Run(planner.CreateCall(batch, prompts.Length), () => { });
            }

            return backend.Passes[^1].Plan.TokensComputed;
        }

        Assert.InRange(Rows(prepends: true) / (double)Rows(prepends: false), 1.02, 1.06);
    }

    [Fact]
    public void Run_TemplateOfThreeCalls_IsStoredByTheSecondAndTakenByTheThird()
    {
        var backend = new SumBackend();
        using var planner = Create(backend);
        int[] template = [.. Enumerable.Range(1, 15)];
        for (int text = 0; text < 3; text++)
        {
            AssertRight(backend, planner, [new ReadOnlyMemory<int>([.. template, 20 + text, 30 + text, 3])], [4]);
        }

        Assert.Equal([18, 18, 3], backend.Passes.Select(pass => pass.Plan.TokensComputed));
        Assert.Equal(1, planner.CachedPrefixes);
    }

    [Fact]
    public void Run_OtherRotaryKey_IsCachedForItselfAlone()
    {
        var backend = new SumBackend();
        using var planner = Create(backend);
        int[] template = [.. Enumerable.Range(1, 15)];
        for (int text = 0; text < 3; text++)
        {
            // 17 tokens and 25: keys 0 and 1.
            AssertRight(backend, planner, [new ReadOnlyMemory<int>([.. template, 20 + text, 3]), new ReadOnlyMemory<int>([.. template, .. Enumerable.Repeat(20 + text, 10)])], [4]);
        }

        Assert.Equal([42, 42, 12], backend.Passes.Select(pass => pass.Plan.TokensComputed));
        Assert.Equal(2, planner.CachedPrefixes);
    }

    [Fact]
    public void Run_MemoryForFewRows_HalvesUntilItFitsAndRunsEachPromptOnce()
    {
        var backend = new SumBackend();
        using var planner = Create(backend, new EncodePlannerOptions { PassRows = 64 });
        backend.BeforeLayer = pass => FailOver(5, pass);
        ReadOnlyMemory<int>[] prompts = [.. Enumerable.Range(0, 20).Select(i => new ReadOnlyMemory<int>([i]))];

        AssertRight(backend, planner, prompts, [2]);
        Assert.Equal([20, 10, 5, 5, 5, 5], backend.Passes.Select(pass => pass.Plan.TokensComputed));
        Assert.Equal(5, planner.PassRows);
    }

    [Fact]
    public void Run_MemorySufficesAgain_PassesGrowBackToTheOption()
    {
        var backend = new SumBackend();
        using var planner = Create(backend, new EncodePlannerOptions { PassRows = 24 });
        ReadOnlyMemory<int>[] prompts = [.. Enumerable.Range(0, 24).Select(i => new ReadOnlyMemory<int>([i]))];
        backend.BeforeLayer = pass => FailOver(6, pass);
        AssertRight(backend, planner, prompts, [2]);
        Assert.Equal(6, planner.PassRows);

        backend.BeforeLayer = _ => { };
        for (int call = 0; call < 100 && planner.PassRows < 24; call++)
        {
            AssertRight(backend, planner, prompts, [2]);
        }

        backend.Passes.Clear();
        AssertRight(backend, planner, prompts, [2]);
        Assert.Equal([24], backend.Passes.Select(pass => pass.Plan.TokensComputed));
    }

    [Fact]
    public void Run_MemoryStaysShort_LargerPassesAreTriedEverMoreSeldom()
    {
        var backend = new SumBackend { BeforeLayer = pass => FailOver(6, pass) };
        using var planner = Create(backend, new EncodePlannerOptions { PassRows = 24 });
        ReadOnlyMemory<int>[] prompts = [.. Enumerable.Range(0, 24).Select(i => new ReadOnlyMemory<int>([i]))];
        for (int call = 0; call < 500; call++)
        {
            AssertRight(backend, planner, prompts, [2]);
        }

        // 2,000 passes of 6 rows: tries after 16, 32, 64 … of them.
        Assert.InRange(backend.Passes.Count(pass => pass.Plan.TokensComputed > 6), 5, 12);
    }

    [Fact]
    public void Run_MemoryRunsOutInTheMiddle_GivesTheCacheBackAndForgetsWhatWasPending()
    {
        var backend = new SumBackend();
        using var planner = Create(backend);
        ReadOnlyMemory<int>[] Prompts(int call) =>
            [.. Enumerable.Range(0, 6).Select(i => new ReadOnlyMemory<int>([.. Enumerable.Range(10 * i, 12), .. Enumerable.Repeat(70 + call, 1 + (call * i % 4))]))];
        AssertRight(backend, planner, Prompts(0), [4]);
        AssertRight(backend, planner, Prompts(1)[..3], [4]);
        Assert.Equal(3, planner.CachedPrefixes);

        int layers = 0;
        backend.BeforeLayer = _ =>
        {
            if (++layers == 3)
            {
                throw new InsufficientMemoryException();
            }
        };
        AssertRight(backend, planner, Prompts(2), [1, 4]);
        Assert.Equal(0, planner.CachedPrefixes);
        Assert.Equal(0, planner.CachedBytes);
        Assert.Equal(0, backend.Live);
        AssertRight(backend, planner, Prompts(3), [4]);
        Assert.Equal(6, planner.CachedPrefixes);
    }

    [Fact]
    public void Run_OnePromptAlone_GetsTheCachesMemoryAndThenFailsWithTheCause()
    {
        var backend = new SumBackend();
        using var planner = Create(backend);
        for (int text = 0; text < 2; text++)
        {
            AssertRight(backend, planner, [new ReadOnlyMemory<int>([.. Enumerable.Range(1, 15), 20 + text])], [4]);
        }

        Assert.Equal(1, planner.CachedPrefixes);
        backend.BeforeLayer = _ => throw new InsufficientMemoryException("No memory.");
        OutOfMemoryException error = Assert.Throws<OutOfMemoryException>(() => Encode(planner, [new ReadOnlyMemory<int>([.. Enumerable.Range(1, 15), 40])], [4]));
        Assert.Contains("16 tokens", error.Message, StringComparison.Ordinal);
        Assert.Contains("No memory.", error.Message, StringComparison.Ordinal);
        Assert.IsType<InsufficientMemoryException>(error.InnerException);
        Assert.Equal([16, 16, 1, 16], backend.Passes.Select(pass => pass.Plan.TokensComputed));
        Assert.Equal(0, backend.Live);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void Run_FailsOrIsCancelled_LeavesNoEntryBehind(int failingLayer)
    {
        var backend = new SumBackend();
        using var planner = Create(backend, new EncodePlannerOptions { PassRows = 20 });
        ReadOnlyMemory<int>[] Prompts(int text) => [.. Enumerable.Range(0, 4).Select(i => new ReadOnlyMemory<int>([.. Enumerable.Range(20 * i, 15), 90 + text]))];
        AssertRight(backend, planner, Prompts(0), [4]);
        int layers = 0;
        Action fail = () =>
        {
            if (++layers == failingLayer)
            {
                throw new OperationCanceledException();
            }
        };
        EncodeCall cancelled = planner.CreateCall(Prompts(1), [4], 4);
        Assert.Throws<OperationCanceledException>(() => planner.Run(cancelled, fail));
        Assert.Throws<InvalidOperationException>(() => cancelled.CopyTo(new float[4]));
        Assert.Equal((0, 0, 0L), (backend.Live, planner.CachedPrefixes, planner.CachedBytes));

        AssertRight(backend, planner, Prompts(2), [4]);
        Assert.Equal(4, planner.CachedPrefixes);
    }

    [Fact]
    public void Dispose_DisposesTheEntries()
    {
        var backend = new SumBackend();
        EncodePlanner<ArrayEntry> planner = Create(backend);
        for (int text = 0; text < 2; text++)
        {
            AssertRight(backend, planner, [new ReadOnlyMemory<int>([.. Enumerable.Range(1, 15), 20 + text])], [4]);
        }

        Assert.Equal(1, backend.Live);
        planner.Dispose();
        planner.Dispose();
        Assert.Equal(0, backend.Live);
    }

    [Fact]
    public void CreateCall_PromptsAreCopied()
    {
        var backend = new SumBackend();
        using var planner = Create(backend);
        int[] prompt = [1, 2, 3];
        EncodeCall call = planner.CreateCall([prompt], [2], 1);
        prompt[1] = 1000;
        planner.Run(call, () => { });
        var states = new float[1];
        call.CopyTo(states);
        Assert.Equal((float)SumBackend.Expected([1, 2, 3], 2), states[0]);
    }

    [Fact]
    public void Store_WhatIsNotWantedOrNotAsMany_IsRefused()
    {
        var backend = new SumBackend();
        using var planner = Create(backend);
        backend.BeforeLayer = pass =>
        {
            Assert.Throws<ArgumentException>(() => pass.Store(1, [1f]));
            Assert.Throws<ArgumentException>(() => pass.Store(3, [1f]));
            Assert.Throws<ArgumentException>(() => pass.Store(2, [1f, 2f]));
        };
        AssertRight(backend, planner, [new ReadOnlyMemory<int>([1, 2])], [2, 0]);
    }

    [Fact]
    public void CopyTo_StatesThatNeverCame_AreNotZeros()
    {
        using var planner = Create(new SumBackend());
        EncodeCall call = planner.CreateCall([new ReadOnlyMemory<int>([1, 2])], [2], 1);

        Assert.Contains("index 2", Assert.Throws<InvalidOperationException>(() => call.CopyTo(new float[1])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_WrongOptions_AreNamed()
    {
        Assert.Contains("PassRows", Assert.Throws<ArgumentOutOfRangeException>(() => Create(new SumBackend(), new EncodePlannerOptions { PassRows = 0 })).Message, StringComparison.Ordinal);
        Assert.Contains("PrefixCacheBytes", Assert.Throws<ArgumentOutOfRangeException>(() => Create(new SumBackend(), new EncodePlannerOptions { PrefixCacheBytes = -1 })).Message, StringComparison.Ordinal);
    }

    private static EncodePlanner<ArrayEntry> Create(SumBackend backend, EncodePlannerOptions? options = null) =>
        new(backend, Encoder, (options ?? new EncodePlannerOptions()) with { RotaryKey = SumBackend.KeyOf });

    private static void FailOver(int rows, PlannedPass<ArrayEntry> pass)
    {
        if (pass.Plan.TokensComputed > rows)
        {
            throw new InsufficientMemoryException();
        }
    }

    private static float[] Encode(EncodePlanner<ArrayEntry> planner, ReadOnlyMemory<int>[] prompts, int[] layers)
    {
        var states = new float[prompts.Length * layers.Length];
        EncodeCall call = planner.CreateCall(prompts, layers, states.Length);
        planner.Run(call, () => { });
        call.CopyTo(states);
        return states;
    }

    private static void AssertRight(SumBackend backend, EncodePlanner<ArrayEntry> planner, ReadOnlyMemory<int>[] prompts, int[] layers)
    {
        float[] expected = [.. prompts.SelectMany(prompt => layers.Select(layer => (float)SumBackend.Expected(prompt.Span, layer)))];
        Assert.Equal(expected, Encode(planner, prompts, layers));
        Assert.Equal(planner.CachedPrefixes, backend.Live);
    }
}
