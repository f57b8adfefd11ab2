using System.Globalization;
using System.Text.Json;
using MetaEol.Llama;

namespace MetaEol.Tests;

// What every encoder must do with prompts that want layers of their own, and with token prepending.
public abstract partial class PromptEncoderConformance
{
    private static readonly JsonSerializerOptions SnakeJson = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The models with recorded states of token prepending.</summary>
    public static TheoryData<string> PrependingModels => ["llama-gqa-f32", "qwen3-bf16"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Encode_LayersOfTheirOwn_EqualEachPromptAlone(int layersPerPrompt)
    {
        using var session = Session.Random(this, new RandomModel());
        var random = new Random(layersPerPrompt);
        int[][] templates = RandomPrompts(session.Config, seed: 7, count: 6, longest: 40);
        for (int call = 0; call < 4; call++)
        {
            // The same beginnings again and again, so that the cache holds some less deep than others need them.
            int[][] prompts = [.. templates.Zip(RandomPrompts(session.Config, seed: 70 + call, count: 6, longest: 20), (template, text) => (int[])[.. template, .. text]), templates[0], templates[0][..1], templates[1]];
            int[] layers = [.. Enumerable.Range(0, prompts.Length * layersPerPrompt).Select(_ => random.Next(session.Config.LayerCount + 1))];
            float[] together = session.Encode(new PromptBatch(Memory(prompts), layers, layersPerPrompt));
            for (int prompt = 0; prompt < prompts.Length; prompt++)
            {
                int[] own = layers[(prompt * layersPerPrompt)..((prompt + 1) * layersPerPrompt)];
                using var cold = Session.Random(this, new RandomModel());
                AssertClose(cold.Encode([prompts[prompt]], own), States(together, prompt, layersPerPrompt, session.Config), ConsistencyTolerance, $"call {call}, prompt {prompt}, layers {string.Join(',', own)}");
            }
        }
    }

    [Fact]
    public void Encode_SamePromptWithOtherLayers_ComeAsAsked()
    {
        using var session = Session.Random(this, new RandomModel());
        int[] prompt = RandomPrompts(session.Config, seed: 8, count: 1, longest: 20)[0];
        int[] layers = [2, 4, 0, 1];
        float[] together = session.Encode(new PromptBatch(Memory([prompt, prompt, prompt, prompt]), layers, 1));
        for (int i = 0; i < layers.Length; i++)
        {
            AssertClose(session.Encode([prompt], [layers[i]]), States(together, i, 1, session.Config), ConsistencyTolerance, $"layer {layers[i]}");
        }
    }

    [Theory]
    [MemberData(nameof(PrependingModels))]
    public void Encode_TokenPrepending_AgreesWithTheRecordedStates(string model)
    {
        using var session = new Session(this, Path.Combine(TestPaths.Golden, model));
        RecordedPrepending recorded = JsonSerializer.Deserialize<RecordedPrepending>(
            File.ReadAllBytes(Path.Combine(TestPaths.Methods, $"token-prepending-{model}.json")), SnakeJson)!;
        Assert.NotEmpty(recorded.Cases);
        foreach (PrependingCase one in recorded.Cases)
        {
            // Three calls: what one leaves in the cache must not change the next.
            var prepending = new TokenPrepending(one.FirstLayer, one.EndLayer) { PlaceholderEmbedding = Array.ConvertAll(one.PlaceholderEmbedding ?? [], value => (float)value) };
            for (int call = 0; call < 3; call++)
            {
                float[] states = session.Encode(new PromptBatch(Memory([one.Ids]), recorded.Layers) { Prepending = prepending, Placeholders = [one.PlaceholderIndex] });
                for (int i = 0; i < recorded.Layers.Length; i++)
                {
                    double[] expected = one.Hidden[recorded.Layers[i].ToString(CultureInfo.InvariantCulture)].F64;
                    AssertClose(expected, states.AsSpan(i * session.Config.HiddenSize, session.Config.HiddenSize), Tolerance, $"{model}, placeholder at {one.PlaceholderIndex} of {one.Ids.Length}, layers {one.FirstLayer} .. {one.EndLayer}, call {call}, hidden_states[{i}]");
                }
            }
        }
    }

    [Fact]
    public void Encode_TokenPrependingWithSharedInstructions_EqualsEachPromptAlone()
    {
        using var session = Session.Random(this, new RandomModel());
        int[][] templates = RandomPrompts(session.Config, seed: 11, count: 3, longest: 40);
        var prepending = new TokenPrepending(1, 3);
        for (int call = 0; call < 4; call++)
        {
            // Each template with two texts that begin alike, once without a placeholder, and once with another place of it.
            var prompts = new List<int[]>();
            var places = new List<int>();
            foreach (int[] template in templates)
            {
                foreach (int[] text in RandomPrompts(session.Config, seed: 110 + call, count: 2, longest: 12))
                {
                    int[] prompt = [.. template, 299, 5, 6, 7, .. text, 9];
                    prompts.AddRange([prompt, prompt, prompt]);
                    places.AddRange([template.Length, -1, template.Length + 2]);
                }
            }

            int[] layers = [2, session.Config.LayerCount];
            float[] together = session.Encode(new PromptBatch(Memory([.. prompts]), layers) { Prepending = prepending, Placeholders = places });
            for (int prompt = 0; prompt < prompts.Count; prompt++)
            {
                using var cold = Session.Random(this, new RandomModel());
                float[] alone = cold.Encode(new PromptBatch(Memory([prompts[prompt]]), layers) { Prepending = prepending, Placeholders = [places[prompt]] });
                AssertClose(alone, States(together, prompt, layers.Length, session.Config), ConsistencyTolerance, $"call {call}, prompt {prompt}, placeholder at {places[prompt]}");
                float[] without = cold.Encode([prompts[prompt]], layers);
                Assert.Equal(places[prompt] < 0, without.SequenceEqual(alone));
            }
        }
    }

    [Fact]
    public void Encode_BatchWithoutPrepending_GivesTheSameBitsAsThePlainCall()
    {
        int[] layers = [1, 3];
        using var plain = Session.Random(this, new RandomModel());
        using var batch = Session.Random(this, new RandomModel());
        for (int call = 0; call < 3; call++)
        {
            int[][] prompts = SharingPrompts(plain.Config);
            Assert.Equal(plain.Encode(prompts, layers), batch.Encode(new PromptBatch(Memory(prompts), layers)));
        }
    }

    [Fact]
    public void Encode_BadPrepending_IsNamed()
    {
        using var session = Session.Random(this, new RandomModel());
        IReadOnlyList<ReadOnlyMemory<int>> prompts = Memory([[1, 2, 3]]);
        int[] layers = [4];
        foreach (TokenPrepending wrong in (TokenPrepending[])[new(-1, 2), new(2, 2), new(1, 5), new(1, 2) { PlaceholderEmbedding = new float[3] }])
        {
            Assert.Throws<ArgumentException>(() => session.Encode(new PromptBatch(prompts, layers) { Prepending = wrong, Placeholders = [0] }));
        }

        foreach (int[] wrong in (int[][])[[], [3], [-2], [0, 0]])
        {
            Assert.Throws<ArgumentException>(() => session.Encode(new PromptBatch(prompts, layers) { Prepending = new TokenPrepending(1, 2), Placeholders = wrong }));
        }
    }

    private static IReadOnlyList<ReadOnlyMemory<int>> Memory(int[][] prompts) => [.. prompts.Select(prompt => new ReadOnlyMemory<int>(prompt))];

    private sealed record RecordedPrepending(int[] Layers, PrependingCase[] Cases);

    private sealed record PrependingCase(int[] Ids, int PlaceholderIndex, double[]? PlaceholderEmbedding, int FirstLayer, int EndLayer, Dictionary<string, RecordedVector> Hidden);

    private sealed record RecordedVector([property: System.Text.Json.Serialization.JsonPropertyName("f64")] double[] F64);
}
