using System.Text.Json;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests;

public sealed class OutputHeadTests
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static TheoryData<string> NextTokenModels => [.. ModelsOf("next-token")];

    public static TheoryData<string> LikelihoodModels => [.. ModelsOf("likelihood")];

    [Theory]
    [MemberData(nameof(NextTokenModels))]
    public void ComputeLogits_RecordedStates_EqualsHuggingFace(string model)
    {
        (LlamaConfig config, LlamaWeights weights) = Load(Path.Combine(TestPaths.Golden, model));
        using LlamaWeights owned = weights;
        using var head = new OutputHead(config, weights, 2);
        NextTokenFile file = Read<NextTokenFile>("next-token", model);
        float[] states = [.. file.Prompts.SelectMany(prompt => FinalState(model, prompt.Ids, config))];
        float[] logits = new float[file.Prompts.Length * head.VocabularySize];
        head.ComputeLogits(states, config.LayerCount, logits);

        IReadOnlyList<NextTokens> top = head.FindTop(states, config.LayerCount, 32);
        for (int i = 0; i < file.Prompts.Length; i++)
        {
            Assert.InRange(RelativeError.Of(logits.AsSpan(i * head.VocabularySize, head.VocabularySize), file.Prompts[i].Logits), 0, 2e-5);
            SparseVector sparse = file.Prompts[i].Sparse;
            float[] found = [.. top[i].Logits.Where(logit => logit > 0).Select(logit => MathF.Log(1 + logit))];
            Assert.InRange(RelativeError.Of(found, sparse.Weights), 0, 2e-5);
            Assert.Equal(sparse.Ids, top[i].Ids.Take(found.Length));
        }
    }

    [Theory]
    [MemberData(nameof(LikelihoodModels))]
    public void ComputeLogLikelihoods_Continuations_EqualHuggingFace(string model)
    {
        (LlamaConfig config, LlamaWeights weights) = Load(Path.Combine(TestPaths.Golden, model));
        using LlamaWeights owned = weights;
        using var encoder = new CpuPromptEncoder(config, weights);
        using var head = new OutputHead(config, weights, 2);
        foreach (LikelihoodPair pair in Read<LikelihoodFile>("likelihood", model).Pairs)
        {
            ReadOnlyMemory<int> all = (int[])[.. pair.Prefix, .. pair.Continuation];
            ReadOnlyMemory<int>[] prompts = [.. Enumerable.Range(0, pair.Continuation.Length).Select(i => all[..(pair.Prefix.Length + i)])];
            float[] states = new float[prompts.Length * config.HiddenSize];
            encoder.Encode(prompts, [config.LayerCount], states);
            double[] found = new double[prompts.Length];
            head.ComputeLogLikelihoods(states, config.LayerCount, pair.Continuation, found);

            Assert.All(found.Zip(pair.LogLikelihoods), both => Assert.InRange(both.First, both.Second - 2e-5, both.Second + 2e-5));
        }
    }

    [Fact]
    public void Models_RecordedForBothMethods_AreThere()
    {
        Assert.Superset(new HashSet<string> { "llama-gqa-f32", "llama-tied-f32" }, ModelsOf("next-token").ToHashSet());
        Assert.Contains("llama-gqa-f32", ModelsOf("likelihood"));
    }

    [Theory]
    [InlineData("F32", 1.0, null)]
    [InlineData("BF16", 8.0, null)]
    [InlineData("F16", 0.25, 3.0)]
    public void AllResults_ManyStatesAndTokens_EqualPlainComputation(string type, double scale, double? cap)
    {
        using var folder = new TemporaryFolder();
        new RandomModel { VocabularySize = 9_301, HiddenSize = 40, IntermediateSize = 16, LayerCount = 2, AttentionHeads = 2, Type = type }.Write(folder.Path);
        (LlamaConfig config, LlamaWeights weights) = Load(folder.Path);
        config = config with { LogitsScale = scale, FinalLogitSoftCap = cap };
        using LlamaWeights owned = weights;
        using var head = new OutputHead(config, weights, 3);
        const int Count = 600;
        float[] states = Numbers(new Random(1), Count * config.HiddenSize);
        foreach (int layer in (int[])[1, 2])
        {
            float[] logits = new float[Count * head.VocabularySize];
            head.ComputeLogits(states, layer, logits);
            int[] tokens = [9_300, 0, 4_608, 4_607, 77, 77];
            float[] some = new float[Count * tokens.Length];
            head.ComputeLogits(states, layer, tokens, some);
            int[] next = [.. Enumerable.Range(0, Count).Select(i => (i * 7919) % head.VocabularySize)];
            double[] likelihoods = new double[Count];
            head.ComputeLogLikelihoods(states, layer, next, likelihoods);
            IReadOnlyList<NextTokens> top = head.FindTop(states, layer, 5, 9_000);
            foreach (int state in (int[])[0, 1, 511, 512, 599])
            {
                double[] expected = PlainLogits(config, weights, states.AsSpan(state * config.HiddenSize, config.HiddenSize), layer);
                ReadOnlySpan<float> found = logits.AsSpan(state * head.VocabularySize, head.VocabularySize);
                Assert.InRange(RelativeError.Of(found, expected), 0, 1e-6);
                for (int i = 0; i < tokens.Length; i++)
                {
                    Assert.Equal(found[tokens[i]], some[(state * tokens.Length) + i]);
                }

                double logSum = Math.Log(expected.Sum(Math.Exp));
                Assert.Equal(expected[next[state]] - logSum, likelihoods[state], 2e-6);
                Assert.Equal(logSum, top[state].LogPartition, 2e-6);
                float[] known = found[..9_000].ToArray();
                int[] best = [.. Enumerable.Range(0, known.Length).OrderByDescending(id => known[id]).ThenBy(id => id).Take(5)];
                Assert.Equal(best, top[state].Ids);
                Assert.Equal(best.Select(id => known[id]), top[state].Logits);
                Assert.Equal(Math.Exp(expected[best[0]] - logSum), top[state].Probability(0), 1e-5);
            }
        }
    }

    [Theory]
    [InlineData("F32", 1.0, null, 1)]
    [InlineData("BF16", 4.0, null, 8)]
    [InlineData("F16", 0.25, 3.0, 7)]
    public void Terms_OfGroups_AreTheWeightedMeanOfLogs(string type, double scale, double? cap, int groupStates)
    {
        using var folder = new TemporaryFolder();
        new RandomModel { VocabularySize = 9_301, HiddenSize = 40, IntermediateSize = 16, LayerCount = 2, AttentionHeads = 2, Type = type }.Write(folder.Path);
        (LlamaConfig config, LlamaWeights weights) = Load(folder.Path);
        config = config with { LogitsScale = scale, FinalLogitSoftCap = cap };
        using LlamaWeights owned = weights;
        using var head = new OutputHead(config, weights, 3);

        // More states than a block has.
        int groups = 1_100 / groupStates;
        float[] states = Numbers(new Random(2), groups * groupStates * config.HiddenSize);
        float[] shares = [.. Enumerable.Range(1, groupStates).Select(i => 2f * i / (groupStates * (groupStates + 1)))];
        IReadOnlyList<IReadOnlyList<TokenWeight>> top = head.FindTopTerms(states, 1, shares, 40, 9_000);
        Assert.Equal(groups, top.Count);
        foreach (int group in (int[])[0, 1, groups / 2, groups - 1])
        {
            ReadOnlySpan<float> own = states.AsSpan(group * groupStates * config.HiddenSize, groupStates * config.HiddenSize);
            double[] expected = new double[head.VocabularySize];
            for (int i = 0; i < groupStates; i++)
            {
                double[] logits = PlainLogits(config, weights, own.Slice(i * config.HiddenSize, config.HiddenSize), 1);
                expected = [.. expected.Zip(logits, (sum, logit) => sum + (shares[i] * Math.Log(1 + Math.Max(0, logit))))];
            }

            double least = expected[..9_000].OrderDescending().ElementAt(39);
            Assert.Equal(40, top[group].Select(term => term.Id).Distinct().Count());
            Assert.Equal(top[group].OrderByDescending(term => term.Weight).ThenBy(term => term.Id), top[group]);
            Assert.All(top[group], term => Assert.Equal(expected[term.Id], term.Weight, 2e-6));
            Assert.All(top[group], term => Assert.True(term.Id < 9_000 && expected[term.Id] > least - 2e-6));

            int[] tokens = [9_300, 0, 4_608, 77, 77, .. top[group].Select(term => term.Id)];
            float[] some = new float[tokens.Length];
            head.ComputeTerms(own, 1, shares, tokens, some);
            Assert.All(tokens.Zip(some), term => Assert.Equal(expected[term.First], term.Second, 2e-6));
            Assert.Equal(top[group].Select(term => term.Weight), some[5..]);
        }
    }

    [Fact]
    public void Terms_ThatWeighNothing_AreLeftOut()
    {
        (LlamaConfig config, LlamaWeights weights) = Load(Path.Combine(TestPaths.Golden, "llama-gqa-f32"));
        using LlamaWeights owned = weights;
        using var head = new OutputHead(config, weights);
        float[] state = new float[config.HiddenSize];
        Assert.Empty(Assert.Single(head.FindTopTerms(state, config.LayerCount, [1], 10)));
        Assert.Empty(head.FindTopTerms([], config.LayerCount, [1], 10));
        state[0] = 1;
        IReadOnlyList<TokenWeight> positive = Assert.Single(head.FindTopTerms(state, config.LayerCount, [1], 1_000));
        float[] logits = new float[head.VocabularySize];
        head.ComputeLogits(state, config.LayerCount, logits);
        Assert.Equal(logits.Count(logit => logit > 0), positive.Count);
        Assert.InRange(positive.Count, 1, head.VocabularySize - 1);
    }

    [Fact]
    public void FindTop_EqualLogits_GivesSmallerIdsFirst()
    {
        using var folder = new TemporaryFolder();
        new RandomModel { VocabularySize = 6_000, HiddenSize = 8, IntermediateSize = 8, LayerCount = 1, AttentionHeads = 1, KeyValueHeads = 1 }.Write(folder.Path);
        (LlamaConfig config, LlamaWeights weights) = Load(folder.Path);
        using LlamaWeights owned = weights;
        using var head = new OutputHead(config, weights);
        NextTokens top = head.FindTop(new float[8], 1, 4)[0];
        Assert.Equal([0, 1, 2, 3], top.Ids);
        Assert.Equal(1.0 / 6_000, top.Probability(3), 1e-9);
        Assert.Equal(6_000, head.FindTop(new float[8], 1, 10_000)[0].Ids.Count);
    }

    [Fact]
    public void Calls_WrongArguments_SayWhatIsWrong()
    {
        (LlamaConfig config, LlamaWeights weights) = Load(Path.Combine(TestPaths.Golden, "llama-gqa-f32"));
        using LlamaWeights owned = weights;
        Assert.Throws<ArgumentOutOfRangeException>(() => new OutputHead(config, weights, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OutputHead(config, weights, 1025));
        using var head = new OutputHead(config, weights);
        float[] state = new float[config.HiddenSize];
        Assert.Contains("0 .. 4 are", Assert.Throws<ArgumentException>(() => head.FindTop(state, 5, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("has 63 numbers", Assert.Throws<ArgumentException>(() => head.FindTop(state.AsSpan(1), 4, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("= 320 are needed", Assert.Throws<ArgumentException>(() => head.ComputeLogits(state, 4, new float[319])).Message, StringComparison.Ordinal);
        Assert.Contains("Token id 320", Assert.Throws<ArgumentException>(() => head.ComputeLogits(state, 4, [320], new float[1])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => head.ComputeLogLikelihoods(state, 4, [1, 2], new double[1]));
        Assert.Contains("no whole groups of 2", Assert.Throws<ArgumentException>(() => head.FindTopTerms(state, 4, [0.5f, 0.5f], 1)).Message, StringComparison.Ordinal);
        Assert.Contains("no whole groups of 0", Assert.Throws<ArgumentException>(() => head.FindTopTerms(state, 4, [], 1)).Message, StringComparison.Ordinal);
        Assert.Contains("-1 is no share", Assert.Throws<ArgumentException>(() => head.FindTopTerms(state, 4, [-1], 1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => head.FindTopTerms(state, 4, [1], 0));
        Assert.Throws<ArgumentException>(() => head.ComputeTerms(new float[2 * config.HiddenSize], 4, [1], [3], new float[1]));
        Assert.Throws<ArgumentException>(() => head.ComputeTerms(state, 4, [1], [3], new float[2]));
        Assert.Contains("Token id 320", Assert.Throws<ArgumentException>(() => head.ComputeTerms(state, 4, [1], [320], new float[1])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => head.FindTop(state, 4, 0));
        Assert.Throws<OperationCanceledException>(() => head.FindTop(state, 4, 1, cancellationToken: new CancellationToken(true)));
        Assert.Empty(head.FindTop([], 4, 1));
        state[0] = float.NaN;
        Assert.Contains("NaN as a logit", Assert.Throws<InvalidModelException>(() => head.FindTop(state, 4, 1)).Message, StringComparison.Ordinal);
        state[0] = 0;
        weights.Dispose();
        Assert.Throws<ObjectDisposedException>(() => head.FindTop(state, 4, 1));
    }

    [Fact]
    public void Calls_AfterDispose_Throw()
    {
        (LlamaConfig config, LlamaWeights weights) = Load(Path.Combine(TestPaths.Golden, "llama-tied-f32"));
        using LlamaWeights owned = weights;
        var head = new OutputHead(config, weights, 2);
        head.Dispose();
        head.Dispose();
        Assert.Throws<ObjectDisposedException>(() => head.FindTop(new float[config.HiddenSize], 0, 1));
    }

    private static double[] PlainLogits(LlamaConfig config, LlamaWeights weights, ReadOnlySpan<float> state, int layer)
    {
        double[] x = Array.ConvertAll(state.ToArray(), value => (double)value);
        if (layer < config.LayerCount)
        {
            double scale = 1 / Math.Sqrt(x.Average(value => value * value) + config.RmsNormEpsilon);
            x = [.. x.Select((value, i) => value * scale * weights.FinalNorm[i])];
        }

        WeightMatrix head = weights.OutputHead!.Value;
        float[] row = new float[head.Columns];
        double[] logits = new double[head.Rows];
        for (int token = 0; token < logits.Length; token++)
        {
            head.ReadRow(token, row);
            double logit = x.Zip(row, (a, b) => a * b).Sum() / config.LogitsScale;
            logits[token] = config.FinalLogitSoftCap is { } cap ? cap * Math.Tanh(logit / cap) : logit;
        }

        return logits;
    }

    private static float[] FinalState(string model, int[] ids, LlamaConfig config)
    {
        ExpectedFile expected = JsonSerializer.Deserialize<ExpectedFile>(File.ReadAllBytes(Path.Combine(TestPaths.Golden, model, "expected.json")), Json)!;
        ExpectedPrompt prompt = Assert.Single(expected.Prompts, prompt => prompt.Ids.AsSpan().SequenceEqual(ids));
        return Array.ConvertAll(prompt.Hidden[$"{config.LayerCount}"]["f64"], value => (float)value);
    }

    private static (LlamaConfig Config, LlamaWeights Weights) Load(string folder)
    {
        LlamaConfig config = LlamaConfig.Load(folder);
        return (config, LlamaWeights.Load(folder, config));
    }

    // Every recorded model whose folder is in the repository.
    private static IEnumerable<string> ModelsOf(string method) =>
        Directory.EnumerateFiles(TestPaths.Methods, $"{method}-*.json")
            .Select(file => Path.GetFileNameWithoutExtension(file)[(method.Length + 1)..])
            .Where(model => Directory.Exists(Path.Combine(TestPaths.Golden, model)))
            .Order(StringComparer.Ordinal);

    private static T Read<T>(string method, string model) =>
        JsonSerializer.Deserialize<T>(File.ReadAllBytes(Path.Combine(TestPaths.Methods, $"{method}-{model}.json")), Json)!;

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 4) - 2)];

    private sealed record NextTokenFile(NextTokenPrompt[] Prompts);

    private sealed record NextTokenPrompt(int[] Ids, double[] Logits, SparseVector Sparse);

    private sealed record SparseVector(int[] Ids, double[] Weights);

    private sealed record LikelihoodFile(LikelihoodPair[] Pairs);

    private sealed record LikelihoodPair(int[] Prefix, int[] Continuation, double[] LogLikelihoods);

    private sealed record ExpectedFile(ExpectedPrompt[] Prompts);

    private sealed record ExpectedPrompt(int[] Ids, Dictionary<string, Dictionary<string, double[]>> Hidden);
}
