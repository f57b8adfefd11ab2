using System.Text.Json;
using MetaEol.Llama;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Weights;

namespace MetaEol.Tests;

/// <summary>What every <see cref="IPromptEncoder"/> must do; each encoder's tests inherit it.</summary>
public abstract partial class PromptEncoderConformance
{
    private const string LongRope = """
        { "type": "longrope", "short_factor": [1, 1.1, 1.2, 1.3, 1.5, 1.7, 2, 2.5], "long_factor": [1, 1.5, 2, 3, 4, 6, 9, 14] }
        """;

    private static readonly JsonSerializerOptions WebJson = new(JsonSerializerDefaults.Web);

    /// <summary>The seeded models with hidden states recorded from Hugging Face's modelling code.</summary>
    public static TheoryData<string> GoldenModels => [.. Directory.EnumerateDirectories(TestPaths.Golden).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal)];

    /// <summary>Largest relative L2 error against the float64 record.</summary>
    protected virtual double Tolerance => 2e-5;

    /// <summary>Largest relative L2 difference between two ways of computing the same vector.</summary>
    protected virtual double ConsistencyTolerance => 1e-5;

    [Theory]
    [MemberData(nameof(GoldenModels))]
    public void Encode_GoldenModelAllPromptsAtOnce_AgreesWithHuggingFace(string model)
    {
        string folder = Path.Combine(TestPaths.Golden, model);
        ExpectedStates expected = ReadExpected(folder);
        using var session = new Session(this, folder);
        int[] layers = expected.Layers;
        float[] states = session.Encode([.. expected.Prompts.Select(prompt => prompt.Ids)], layers);
        for (int prompt = 0; prompt < expected.Prompts.Length; prompt++)
        {
            AssertClose(expected.Prompts[prompt], layers, States(states, prompt, layers.Length, session.Config), $"{model}, prompt {prompt} of a batch");
        }
    }

    [Theory]
    [MemberData(nameof(GoldenModels))]
    public void Encode_GoldenModelEachPromptAlone_AgreesWithHuggingFace(string model)
    {
        string folder = Path.Combine(TestPaths.Golden, model);
        ExpectedStates expected = ReadExpected(folder);
        using var session = new Session(this, folder);
        foreach (ExpectedPrompt prompt in expected.Prompts)
        {
            // Twice: what the first call leaves in a cache must not change the second.
            for (int call = 0; call < 2; call++)
            {
                AssertClose(prompt, expected.Layers, session.Encode([prompt.Ids], expected.Layers), $"{model}, a prompt of {prompt.Ids.Length} tokens alone, call {call}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(GoldenModels))]
    public void Encode_GoldenModelEachLayerAlone_AgreesWithHuggingFace(string model)
    {
        string folder = Path.Combine(TestPaths.Golden, model);
        ExpectedStates expected = ReadExpected(folder);
        using var session = new Session(this, folder);
        foreach (int layer in expected.Layers.Reverse())
        {
            float[] states = session.Encode([.. expected.Prompts.Select(prompt => prompt.Ids)], [layer]);
            for (int prompt = 0; prompt < expected.Prompts.Length; prompt++)
            {
                AssertClose(expected.Prompts[prompt], [layer], States(states, prompt, 1, session.Config), $"{model}, prompt {prompt}, asked for layer {layer} only");
            }
        }
    }

    [Fact]
    public void Encode_LayersInAnyOrderAndTwice_ComeAsAsked()
    {
        using var session = Session.Random(this, new RandomModel());
        int[][] prompts = RandomPrompts(session.Config, seed: 3, count: 5, longest: 30);
        int[] layers = [4, 0, 2, 2, 1];
        float[] states = session.Encode(prompts, layers);
        for (int i = 0; i < layers.Length; i++)
        {
            float[] alone = session.Encode(prompts, [layers[i]]);
            for (int prompt = 0; prompt < prompts.Length; prompt++)
            {
                ReadOnlySpan<float> found = States(states, prompt, layers.Length, session.Config).AsSpan(i * session.Config.HiddenSize, session.Config.HiddenSize);
                AssertClose(States(alone, prompt, 1, session.Config), found, ConsistencyTolerance, $"layer {layers[i]} of prompt {prompt}");
            }
        }
    }

    [Theory]
    [InlineData("LlamaForCausalLM", null, null)]
    [InlineData("MistralForCausalLM", 7, null)]
    [InlineData("Qwen2ForCausalLM", 9, null)]
    [InlineData("Qwen3ForCausalLM", null, null)]
    [InlineData("LlamaForCausalLM", null, """{ "rope_type": "dynamic", "factor": 2.0 }""")]
    [InlineData("Gemma2ForCausalLM", 9, null)]
    [InlineData("Gemma3ForCausalLM", 11, """{ "rope_type": "linear", "factor": 4.0 }""")]
    [InlineData("Phi3ForCausalLM", 30, LongRope)]
    [InlineData("GraniteForCausalLM", null, null)]
    [InlineData("Olmo2ForCausalLM", null, null)]
    [InlineData("SmolLM3ForCausalLM", null, null)]
    public void Encode_SharedPrefixes_EqualEachPromptAlone(string architecture, int? slidingWindow, string? ropeScaling)
    {
        var model = new RandomModel
        {
            Architecture = architecture,
            SlidingWindow = slidingWindow,
            MaxWindowLayers = 2,
            RopeScaling = ropeScaling,
            MaxPositionEmbeddings = 40,
            Keys = """{ "original_max_position_embeddings": 25 }""",
        };
        using var session = Session.Random(this, model);
        int[][] prompts = SharingPrompts(session.Config);
        int[] layers = [1, session.Config.LayerCount];
        float[] together = session.Encode(prompts, layers);
        for (int prompt = 0; prompt < prompts.Length; prompt++)
        {
            float[] alone = session.Encode([prompts[prompt]], layers);
            AssertClose(alone, States(together, prompt, layers.Length, session.Config), ConsistencyTolerance, $"prompt {prompt} of {prompts[prompt].Length} tokens");
        }
    }

    [Theory]
    [InlineData("LlamaForCausalLM", null)]
    [InlineData("Phi3ForCausalLM", LongRope)]
    public void Encode_SecondAndThirdCallWithTheSamePrefixes_EqualANewEncoder(string architecture, string? ropeScaling)
    {
        // With LongRoPE some prompts of a template are short and others long: keys and values of the one kind must not serve the other.
        var model = new RandomModel { Architecture = architecture, RopeScaling = ropeScaling, Keys = """{ "original_max_position_embeddings": 50 }""" };
        using var warm = Session.Random(this, model);
        int[][] templates = RandomPrompts(warm.Config, seed: 5, count: 8, longest: 60);
        for (int call = 0; call < 4; call++)
        {
            int[][] prompts = [.. templates.Zip(RandomPrompts(warm.Config, seed: 50 + call, count: 8, longest: 20), (template, text) => (int[])[.. template, .. text])];

            // A shallow call first, so that what it caches does not reach as deep as the later ones.
            int[] layers = call == 0 ? [2] : [warm.Config.LayerCount];
            float[] found = warm.Encode(prompts, layers);
            using var cold = Session.Random(this, model);
            float[] expected = cold.Encode(prompts, layers);
            for (int prompt = 0; prompt < prompts.Length; prompt++)
            {
                AssertClose(States(expected, prompt, 1, warm.Config), States(found, prompt, 1, warm.Config), ConsistencyTolerance, $"call {call}, prompt {prompt}");
            }
        }
    }

    [Fact]
    public async Task Encode_ManyCallersAtOnce_EachGetsItsOwnVectors()
    {
        using var session = Session.Random(this, new RandomModel());
        int[][][] prompts = [.. Enumerable.Range(0, 32).Select(caller => RandomPrompts(session.Config, seed: 100 + (caller % 20), count: 1 + (caller % 4), longest: 40))];
        int[] layersOf(int caller) => caller % 3 == 0 ? [2, 4] : [4];
        float[][] expected = [.. prompts.Select((mine, caller) => session.Encode(mine, layersOf(caller)))];
        float[][] found = await Task.WhenAll(prompts.Select((mine, caller) => Task.Run(() => session.Encode(mine, layersOf(caller)))));
        for (int caller = 0; caller < prompts.Length; caller++)
        {
            int width = layersOf(caller).Length;
            for (int prompt = 0; prompt < prompts[caller].Length; prompt++)
            {
                AssertClose(States(expected[caller], prompt, width, session.Config), States(found[caller], prompt, width, session.Config), ConsistencyTolerance, $"caller {caller}, prompt {prompt}");
            }
        }
    }

    [Fact]
    public void Encode_NoPrompts_DoesNothing()
    {
        using var session = Session.Random(this, new RandomModel());
        session.Encoder.Encode([], [4], []);
    }

    [Fact]
    public void Encode_BadArguments_AreNamed()
    {
        using var session = Session.Random(this, new RandomModel());
        int hidden = session.Config.HiddenSize;
        Assert.Throws<ArgumentException>(() => session.Encoder.Encode([(int[])[1], ReadOnlyMemory<int>.Empty], [4], new float[2 * hidden]));
        Assert.ThrowsAny<ArgumentException>(() => session.Encoder.Encode([(int[])[1, 320]], [4], new float[hidden]));
        Assert.ThrowsAny<ArgumentException>(() => session.Encoder.Encode([(int[])[-1]], [4], new float[hidden]));
        Assert.ThrowsAny<ArgumentException>(() => session.Encoder.Encode([(int[])[1]], [5], new float[hidden]));
        Assert.ThrowsAny<ArgumentException>(() => session.Encoder.Encode([(int[])[1]], [-1], new float[hidden]));
        Assert.ThrowsAny<ArgumentException>(() => session.Encoder.Encode([(int[])[1]], [4], new float[hidden - 1]));
        Assert.Equal(hidden, session.Encode([[1, 319]], [4]).Length);
    }

    [Fact]
    public void Encode_Cancelled_Throws()
    {
        using var session = Session.Random(this, new RandomModel());
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => session.Encoder.Encode([(int[])[1, 2, 3]], [4], new float[session.Config.HiddenSize], cancellation.Token));
        Assert.Equal(session.Config.HiddenSize, session.Encode([[1, 2, 3]], [4]).Length);
    }

    [Fact]
    public void Encode_Disposed_Throws()
    {
        using var session = Session.Random(this, new RandomModel());
        session.Encoder.Dispose();
        session.Encoder.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.Encode([[1]], [4]));
    }

    /// <summary>Creates the encoder under test; it does not own the weights.</summary>
    protected abstract IPromptEncoder CreateEncoder(LlamaConfig config, LlamaWeights weights);

    /// <summary>Prompts that share beginnings of many lengths, duplicates, prompts that are others' beginnings, and single tokens.</summary>
    private static int[][] SharingPrompts(LlamaConfig config)
    {
        var random = new Random(7);
        List<int[]> prompts = [[1], [.. Tokens(random, config, 57)]];
        for (int i = 0; i < 60; i++)
        {
            int[] other = prompts[random.Next(prompts.Count)];
            int[] rest = Tokens(random, config, random.Next(0, 25));
            int kept = random.Next(0, other.Length + 1);
            int[] prompt = [.. other.AsSpan(0, kept), .. rest];
            prompts.Add(prompt.Length > 0 ? prompt : [2]);
        }

        return [.. prompts];
    }

    private static int[][] RandomPrompts(LlamaConfig config, int seed, int count, int longest)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Tokens(random, config, random.Next(1, longest + 1)))];
    }

    private static int[] Tokens(Random random, LlamaConfig config, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => random.Next(config.VocabularySize))];

    private static float[] States(float[] states, int prompt, int layers, LlamaConfig config) =>
        states.AsSpan(prompt * layers * config.HiddenSize, layers * config.HiddenSize).ToArray();

    private static ExpectedStates ReadExpected(string folder) =>
        JsonSerializer.Deserialize<ExpectedStates>(File.ReadAllBytes(Path.Combine(folder, "expected.json")), WebJson)!;

    private static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> found, double tolerance, string what) =>
        AssertClose(Array.ConvertAll(expected.ToArray(), x => (double)x), found, tolerance, what);

    private static void AssertClose(ReadOnlySpan<double> expected, ReadOnlySpan<float> found, double tolerance, string what)
    {
        Assert.Equal(expected.Length, found.Length);
        double error = 0;
        double norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            error += (found[i] - expected[i]) * (found[i] - expected[i]);
            norm += expected[i] * expected[i];
        }

        double relative = Math.Sqrt(error / norm);
        Assert.True(relative <= tolerance, FormattableString.Invariant($"{what}: relative L2 error {relative:0.00e+0}, at most {tolerance:0.00e+0} expected."));
    }

    private void AssertClose(ExpectedPrompt prompt, int[] layers, float[] found, string what)
    {
        int hidden = found.Length / layers.Length;
        for (int i = 0; i < layers.Length; i++)
        {
            double[] expected = prompt.Hidden[layers[i].ToString(System.Globalization.CultureInfo.InvariantCulture)].F64;
            AssertClose(expected, found.AsSpan(i * hidden, hidden), Tolerance, $"{what}, hidden_states[{layers[i]}]");
        }
    }

    private sealed record ExpectedStates(int[] Layers, ExpectedPrompt[] Prompts);

    private sealed record ExpectedPrompt(int[] Ids, Dictionary<string, ExpectedVector> Hidden);

    private sealed record ExpectedVector(double[] F64);

    /// <summary>An encoder with the model it runs.</summary>
    private sealed class Session : IDisposable
    {
        private readonly LlamaWeights _weights;
        private readonly TemporaryFolder? _folder;

        public Session(PromptEncoderConformance tests, string folder)
        {
            Config = LlamaConfig.Load(folder);
            _weights = LlamaWeights.Load(folder, Config);
            Encoder = tests.CreateEncoder(Config, _weights);
        }

        private Session(PromptEncoderConformance tests, TemporaryFolder folder)
            : this(tests, folder.Path)
        {
            _folder = folder;
        }

        public LlamaConfig Config { get; }

        public IPromptEncoder Encoder { get; }

        public static Session Random(PromptEncoderConformance tests, RandomModel model)
        {
            var folder = new TemporaryFolder();
            model.Write(folder.Path);
            return new Session(tests, folder);
        }

        public float[] Encode(PromptBatch batch)
        {
            var states = new float[batch.Prompts.Count * batch.LayersPerPrompt * Config.HiddenSize];
            Encoder.Encode(batch, states);
            return states;
        }

        public float[] Encode(int[][] prompts, int[] layers)
        {
            var states = new float[prompts.Length * layers.Length * Config.HiddenSize];
            Encoder.Encode([.. prompts.Select(prompt => new ReadOnlyMemory<int>(prompt))], layers, states);
            return states;
        }

        public void Dispose()
        {
            Encoder.Dispose();
            _weights.Dispose();
            _folder?.Dispose();
        }
    }
}
