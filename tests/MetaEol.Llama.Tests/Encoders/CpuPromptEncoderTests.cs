using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Encoders;

public sealed class CpuPromptEncoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, int> RandomCases()
    {
        var data = new TheoryData<string, int>();
        foreach (string kind in (string[])["llama", "qwen3", "mistral", "dynamic"])
        {
            for (int seed = 0; seed < 4; seed++)
            {
                data.Add(kind, seed);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(RandomCases))]
    public void Encode_RandomPromptSets_EqualsEachPromptAlone(string kind, int seed)
    {
        (LlamaConfig config, LlamaWeights weights) = Load(Model(kind));
        using LlamaWeights _ = weights;
        var random = new Random(seed);
        using var encoder = new CpuPromptEncoder(config, weights, new CpuEncoderOptions
        {
            Threads = random.Next(1, 4),
            StepRows = random.Next(1, 80),
            PrefixCacheBytes = random.Next(3) switch { 0 => 0, 1 => 60_000, _ => 100 << 20 },
            PassBytes = random.Next(2) == 0 ? 20_000 : 1 << 28,
        });
        var plain = new PlainEncoder(config, weights);
        ReadOnlyMemory<int>[] before = [];
        for (int call = 0; call < 6; call++)
        {
            // Half of the prompts come again in later calls, so that the cache finds beginnings to store.
            ReadOnlyMemory<int>[] fresh = RandomPrompts.Create(random, vocabulary: call < 3 ? 2 : config.VocabularySize, maximumCount: 20, maximumLength: 40);
            ReadOnlyMemory<int>[] prompts = [.. before.Take(before.Length / 2), .. fresh, .. before.Take(3).Select(prompt => new ReadOnlyMemory<int>([.. prompt.Span, 5, 6, 7]))];
            before = prompts;
            int[] layers = [.. Enumerable.Range(0, config.LayerCount + 1).OrderBy(_ => random.Next()).Take(random.Next(1, config.LayerCount + 2))];

            AssertEqualsPlain(encoder, plain, prompts, layers);
        }
    }

    [Fact]
    public void Encode_HundredsOfPrompts_EqualsEachPromptAlone()
    {
        (LlamaConfig config, LlamaWeights weights) = Load(Model("llama"));
        using LlamaWeights _ = weights;
        using var encoder = new CpuPromptEncoder(config, weights);
        ReadOnlyMemory<int>[] prompts = [.. Enumerable.Range(0, 20).SelectMany(i => RandomPrompts.Create(new Random(i), 4, 30, 20))];

        AssertEqualsPlain(encoder, new PlainEncoder(config, weights), prompts, [config.LayerCount]);
    }

    [Fact]
    public void Encode_SecondCallOfATemplate_StoresItsPrefixAndTheThirdDoesNotComputeIt()
    {
        (LlamaConfig config, LlamaWeights weights) = Load(Model("llama"));
        using LlamaWeights _ = weights;
        var logger = new ListLogger();
        using var encoder = new CpuPromptEncoder(config, weights, logger: logger);
        int[] template = [.. Enumerable.Range(1, 50)];
        var states = new float[config.HiddenSize];
        for (int text = 0; text < 3; text++)
        {
            encoder.Encode([new ReadOnlyMemory<int>([.. template, 100 + text, 200 + text, 3])], [config.LayerCount], states);
        }

        Assert.Equal(3, logger.Messages.Count);
        Assert.Contains("53 computed, 0 cached", logger.Messages[0], StringComparison.Ordinal);
        Assert.Contains("53 computed, 0 cached", logger.Messages[1], StringComparison.Ordinal);
        Assert.Contains("3 computed, 50 cached", logger.Messages[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 512, 1)]
    [InlineData(2, 7, 3)]
    [InlineData(3, 64, 2)]
    public void Encode_ThreadsBatchSizeAndOrder_DoNotChangeAVector(int threads, int microBatch, int seed)
    {
        (LlamaConfig config, LlamaWeights weights) = Load(Model("llama"));
        using LlamaWeights _ = weights;
        ReadOnlyMemory<int>[] prompts = RandomPrompts.Create(new Random(seed), 9, 60, 50);
        using var one = new CpuPromptEncoder(config, weights, new CpuEncoderOptions { Threads = 1, SharePrefixes = false });
        using var many = new CpuPromptEncoder(config, weights, new CpuEncoderOptions { Threads = threads, StepRows = microBatch });
        int[] order = [.. Enumerable.Range(0, prompts.Length).OrderByDescending(i => i * 7919 % prompts.Length)];
        var shuffled = new float[prompts.Length * config.HiddenSize];
        many.Encode([.. order.Select(i => prompts[i])], [config.LayerCount], shuffled);
        for (int i = 0; i < order.Length; i++)
        {
            var alone = new float[config.HiddenSize];
            one.Encode([prompts[order[i]]], [config.LayerCount], alone);
            Assert.InRange(RelativeError.Of(shuffled.AsSpan(i * config.HiddenSize, config.HiddenSize), alone), 0, 1e-5);
        }
    }

    [Fact]
    public async Task Encode_ManyThreadsAtOnce_GetTheirOwnResults()
    {
        (LlamaConfig config, LlamaWeights weights) = Load(Model("llama"));
        using LlamaWeights _ = weights;
        using var encoder = new CpuPromptEncoder(config, weights);
        var plain = new PlainEncoder(config, weights);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() =>
        {
            ReadOnlyMemory<int>[] prompts = RandomPrompts.Create(new Random(i), 5, 10, 30);
            AssertEqualsPlain(encoder, plain, prompts, [config.LayerCount - 1]);
        })));
    }

    [Fact]
    public void Encode_Cancelled_Throws()
    {
        (LlamaConfig config, LlamaWeights weights) = Load(Model("llama"));
        using LlamaWeights _ = weights;
        using var encoder = new CpuPromptEncoder(config, weights);
        var states = new float[config.HiddenSize];

        Assert.ThrowsAny<OperationCanceledException>(() => encoder.Encode([new ReadOnlyMemory<int>([1, 2])], [1], states, new CancellationToken(true)));
        encoder.Encode([new ReadOnlyMemory<int>([1, 2])], [1], states);
    }

    [Fact]
    public async Task Encode_CancelledWhileItRuns_StopsBetweenLayers()
    {
        (LlamaConfig config, LlamaWeights weights) = Load(new RandomModel { HiddenSize = 256, IntermediateSize = 1024, LayerCount = 12, AttentionHeads = 8, KeyValueHeads = 8 });
        using LlamaWeights _ = weights;
        using var encoder = new CpuPromptEncoder(config, weights);
        ReadOnlyMemory<int>[] prompts = [.. Enumerable.Range(0, 400).Select(i => new ReadOnlyMemory<int>([.. Enumerable.Range(0, 120).Select(t => (t * (i + 1)) % config.VocabularySize)]))];
        using var cancellation = new CancellationTokenSource();
        Task call = Task.Run(() => encoder.Encode(prompts, [config.LayerCount], new float[prompts.Length * config.HiddenSize], cancellation.Token));
        await Task.Delay(50);
        cancellation.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task Dispose_WhileCallsRunAndWait_EndsThemWithObjectDisposedException()
    {
        (LlamaConfig config, LlamaWeights weights) = Load(new RandomModel { HiddenSize = 256, IntermediateSize = 1024, LayerCount = 12, AttentionHeads = 8, KeyValueHeads = 8 });
        using LlamaWeights _ = weights;
        var encoder = new CpuPromptEncoder(config, weights);
        ReadOnlyMemory<int>[] prompts = [.. Enumerable.Range(0, 400).Select(i => new ReadOnlyMemory<int>([.. Enumerable.Range(0, 120).Select(t => (t * (i + 1)) % config.VocabularySize)]))];
        Task[] calls = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() => encoder.Encode(prompts, [config.LayerCount], new float[prompts.Length * config.HiddenSize])))];
        await Task.Delay(100);
        encoder.Dispose();
        encoder.Dispose();

        foreach (Task call in calls)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => call);
        }

        Assert.Throws<ObjectDisposedException>(() => encoder.Encode([new ReadOnlyMemory<int>([1])], [0], new float[config.HiddenSize]));
    }

    [Fact]
    public void Encode_WrongArguments_AreNamed()
    {
        (LlamaConfig config, LlamaWeights weights) = Load(Model("llama"));
        using LlamaWeights _ = weights;
        using var encoder = new CpuPromptEncoder(config, weights);
        var states = new float[config.HiddenSize];

        Assert.Contains("Prompt 0 has no tokens", Assert.Throws<ArgumentException>(() => encoder.Encode([ReadOnlyMemory<int>.Empty], [0], states)).Message, StringComparison.Ordinal);
        Assert.Contains("token id 320", Assert.Throws<ArgumentException>(() => encoder.Encode([new ReadOnlyMemory<int>([320])], [0], states)).Message, StringComparison.Ordinal);
        Assert.Contains("token id -1", Assert.Throws<ArgumentException>(() => encoder.Encode([new ReadOnlyMemory<int>([-1])], [0], states)).Message, StringComparison.Ordinal);
        Assert.Contains("Layer 5", Assert.Throws<ArgumentException>(() => encoder.Encode([new ReadOnlyMemory<int>([1])], [5], states)).Message, StringComparison.Ordinal);
        Assert.Contains("are needed", Assert.Throws<ArgumentException>(() => encoder.Encode([new ReadOnlyMemory<int>([1])], [0, 1], states)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_NoPrompts_DoesNothing()
    {
        (LlamaConfig config, LlamaWeights weights) = Load(Model("llama"));
        using LlamaWeights _ = weights;
        using var encoder = new CpuPromptEncoder(config, weights);

        encoder.Encode([], [0], []);
    }

    [Theory]
    [InlineData("model.layers.1.self_attn.k_proj.weight")]
    [InlineData("model.layers.2.mlp.down_proj.weight")]
    [InlineData("model.embed_tokens.weight")]
    public void Encode_NaNInAWeight_NamesTheTensor(string tensor)
    {
        RandomModel model = Model("llama");
        model.Write(_folder.Path);
        (LlamaConfig config, LlamaWeights intact) = (LlamaConfig.Load(_folder.Path), LlamaWeights.Load(_folder.Path, LlamaConfig.Load(_folder.Path)));
        TensorInfo info = intact.Files[0].Tensors[tensor];
        string file = intact.Files[0].Path;
        intact.Dispose();
        using (FileStream stream = File.OpenWrite(file))
        {
            stream.Position = info.Offset;
            stream.Write(BitConverter.GetBytes(float.NaN));
        }

        using LlamaWeights weights = LlamaWeights.Load(_folder.Path, config);
        using var encoder = new CpuPromptEncoder(config, weights);

        InvalidModelException exception = Assert.Throws<InvalidModelException>(
            () => encoder.Encode([new ReadOnlyMemory<int>([0, 1, 2])], [config.LayerCount], new float[config.HiddenSize]));
        Assert.Contains(tensor, exception.Message, StringComparison.Ordinal);
        Assert.Contains("NaN", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1e20f)]
    [InlineData(3e38f)]
    public void Encode_RowWhoseSquaresLeaveFloat32_EqualsPlain(float magnitude)
    {
        using LlamaWeights weights = LoadWithFirstRow(i => i % 2 == 0 ? magnitude : -magnitude / 3, out LlamaConfig config);
        using var encoder = new CpuPromptEncoder(config, weights);
        AssertEqualsPlain(encoder, new PlainEncoder(config, weights), [new ReadOnlyMemory<int>([0]), new ReadOnlyMemory<int>([3, 0])], [0, config.LayerCount]);
    }

    [Fact]
    public void Encode_StateOfZeros_IsAnError()
    {
        using LlamaWeights weights = LoadWithFirstRow(_ => 0, out LlamaConfig config);
        using var encoder = new CpuPromptEncoder(config, weights);
        var states = new float[2 * config.HiddenSize];
        InvalidModelException exception = Assert.Throws<InvalidModelException>(
            () => encoder.Encode([new ReadOnlyMemory<int>([3]), new ReadOnlyMemory<int>([0])], [0], states));
        Assert.Contains("zero vector", exception.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private LlamaWeights LoadWithFirstRow(Func<int, float> value, out LlamaConfig config)
    {
        RandomModel model = Model("llama") with { Type = "BF16" };
        model.Write(_folder.Path);
        config = LlamaConfig.Load(_folder.Path);
        TensorInfo embedding;
        string file;
        using (LlamaWeights intact = LlamaWeights.Load(_folder.Path, config))
        {
            (file, embedding) = (intact.Files[0].Path, intact.Files[0].Tensors["model.embed_tokens.weight"]);
        }

        using (FileStream stream = File.OpenWrite(file))
        {
            stream.Position = embedding.Offset;
            for (int i = 0; i < config.HiddenSize; i++)
            {
                stream.Write(BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits(value(i)) >> 16)));
            }
        }

        return LlamaWeights.Load(_folder.Path, config);
    }

    private static RandomModel Model(string kind) => kind switch
    {
        "qwen3" => new RandomModel { Architecture = "Qwen3ForCausalLM", AttentionHeads = 6, KeyValueHeads = 2, HeadDimension = 20, Type = "BF16" },
        "mistral" => new RandomModel { Architecture = "MistralForCausalLM", SlidingWindow = 9, AttentionHeads = 4, KeyValueHeads = 4, Type = "F16" },
        "dynamic" => new RandomModel { MaxPositionEmbeddings = 24, RopeScaling = """{"type":"dynamic","factor":3.0}""", AttentionBias = true, MlpBias = true },
        _ => new RandomModel { AttentionHeads = 8, KeyValueHeads = 1, HeadDimension = 14, IntermediateSize = 90, HiddenSize = 52 },
    };

    private static void AssertEqualsPlain(CpuPromptEncoder encoder, PlainEncoder plain, ReadOnlyMemory<int>[] prompts, int[] layers)
    {
        int size = encoder.Metadata.Dimensions;
        var states = new float[prompts.Length * layers.Length * size];
        encoder.Encode(prompts, layers, states);
        for (int p = 0; p < prompts.Length; p++)
        {
            double[][] expected = plain.Encode(prompts[p].Span);
            for (int i = 0; i < layers.Length; i++)
            {
                double error = RelativeError.Of(states.AsSpan(((p * layers.Length) + i) * size, size), expected[layers[i]]);
                Assert.True(error <= 1e-5, $"Prompt {p} ({prompts[p].Length} tokens), hidden_states[{layers[i]}]: relative error {error:E1}.");
            }
        }
    }

    private (LlamaConfig Config, LlamaWeights Weights) Load(RandomModel model)
    {
        model.Write(_folder.Path);
        LlamaConfig config = LlamaConfig.Load(_folder.Path);
        return (config, LlamaWeights.Load(_folder.Path, config));
    }
}
