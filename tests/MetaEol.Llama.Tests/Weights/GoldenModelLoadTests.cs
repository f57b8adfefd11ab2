using MetaEol.Llama.Configuration;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Weights;

public sealed class GoldenModelLoadTests
{
    public static TheoryData<string> Models =>
        new([.. Directory.GetDirectories(TestPaths.Golden).Select(folder => Path.GetFileName(folder)), "demo"]);

    [Theory]
    [MemberData(nameof(Models))]
    public void Load_GoldenModel_GivesEveryMatrixItsShapeAndType(string model)
    {
        string folder = model == "demo" ? TestPaths.DemoModel : Path.Combine(TestPaths.Golden, model);
        LlamaConfig config = LlamaConfig.Load(folder);

        using LlamaWeights weights = LlamaWeights.Load(folder, config);

        WeightType type = model.Contains("f32") ? WeightType.Float32 : model.Contains("bf16") || model == "demo" ? WeightType.BFloat16 : WeightType.Float16;
        int queries = config.AttentionHeads * config.HeadDimension, keys = config.KeyValueHeads * config.HeadDimension;
        AssertShape(weights.TokenEmbedding, config.VocabularySize, config.HiddenSize, type);
        AssertShape(weights.OutputHead!.Value, config.VocabularySize, config.HiddenSize, type);
        Assert.Equal(config.HiddenSize, weights.FinalNorm.Length);
        Assert.Equal(config.LayerCount, weights.Layers.Count);
        foreach (LayerWeights layer in weights.Layers)
        {
            AssertShape(layer.Query, queries, config.HiddenSize, type);
            AssertShape(layer.Key, keys, config.HiddenSize, type);
            AssertShape(layer.Value, keys, config.HiddenSize, type);
            AssertShape(layer.AttentionOutput, config.HiddenSize, queries, type);
            AssertShape(layer.Gate, config.IntermediateSize, config.HiddenSize, type);
            AssertShape(layer.Up, config.IntermediateSize, config.HiddenSize, type);
            AssertShape(layer.Down, config.HiddenSize, config.IntermediateSize, type);
            Assert.All([layer.BeforeAttentionNorm, layer.BeforeMlpNorm], norm => Assert.Equal(config.NormPlacement == NormPlacement.After ? null : config.HiddenSize, norm?.Length));
            Assert.All([layer.AfterAttentionNorm, layer.AfterMlpNorm], norm => Assert.Equal(config.NormPlacement == NormPlacement.Before ? null : config.HiddenSize, norm?.Length));
            Assert.Equal(config.QueryKeyValueBias ? queries : null, layer.QueryBias?.Length);
            Assert.Equal(config.QueryKeyNorm switch { QueryKeyNorm.None => null, QueryKeyNorm.PerHead => config.HeadDimension, _ => keys }, layer.KeyNorm?.Length);
            Assert.Equal(config.QueryKeyNorm switch { QueryKeyNorm.None => null, QueryKeyNorm.PerHead => config.HeadDimension, _ => queries }, layer.QueryNorm?.Length);
            Assert.Null(layer.AttentionOutputBias);
        }

        Assert.Null(weights.FindNonFinite());
    }

    [Fact]
    public void Load_TwoShards_HoldsTheSameBytesAsOneFile()
    {
        string single = Path.Combine(TestPaths.Golden, "llama-gqa-bf16"), sharded = Path.Combine(TestPaths.Golden, "llama-gqa-bf16-2shard");
        using LlamaWeights one = LlamaWeights.Load(single, LlamaConfig.Load(single));
        using LlamaWeights two = LlamaWeights.Load(sharded, LlamaConfig.Load(sharded));

        Assert.Equal(2, two.Files.Count);
        for (int layer = 0; layer < one.Layers.Count; layer++)
        {
            WeightMatrix expected = one.Layers[layer].Down, actual = two.Layers[layer].Down;
            Assert.True(expected.GetRowBytes(0, expected.Rows).SequenceEqual(actual.GetRowBytes(0, actual.Rows)));
            Assert.Equal(one.Layers[layer].BeforeAttentionNorm, two.Layers[layer].BeforeAttentionNorm);
        }
    }

    private static void AssertShape(WeightMatrix matrix, int rows, int columns, WeightType type) =>
        Assert.Equal((rows, columns, type), (matrix.Rows, matrix.Columns, matrix.Type));
}
