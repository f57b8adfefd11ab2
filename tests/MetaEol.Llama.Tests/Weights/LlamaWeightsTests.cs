using System.Runtime.InteropServices;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Weights;

public sealed class LlamaWeightsTests
{
    private static readonly RandomModel Small = new() { LayerCount = 2, VocabularySize = 40, HiddenSize = 16, IntermediateSize = 24 };

    public static TheoryData<string, bool, string> Families => new()
    {
        { "LlamaForCausalLM", true, "F32" },
        { "LlamaForCausalLM", false, "BF16" },
        { "MistralForCausalLM", false, "F16" },
        { "Qwen2ForCausalLM", false, "BF16" },
        { "Qwen3ForCausalLM", true, "F16" },
        { "Gemma2ForCausalLM", true, "BF16" },
        { "Gemma3ForCausalLM", false, "F32" },
        { "Phi3ForCausalLM", true, "F16" },
        { "GraniteForCausalLM", true, "F32" },
        { "Olmo2ForCausalLM", true, "F16" },
        { "SmolLM3ForCausalLM", true, "BF16" },
    };

    [Theory]
    [MemberData(nameof(Families))]
    public void Load_EveryFamily_HasTheBiasesAndNormsOfItsConfiguration(string architecture, bool bias, string type)
    {
        using var folder = new TemporaryFolder();
        (Small with { Architecture = architecture, AttentionBias = bias, MlpBias = bias, Type = type }).Write(folder.Path);
        LlamaConfig config = LlamaConfig.Load(folder.Path);

        using LlamaWeights weights = LlamaWeights.Load(folder.Path, config);

        foreach (LayerWeights layer in weights.Layers)
        {
            Assert.All([layer.QueryBias, layer.KeyBias, layer.ValueBias], vector => Assert.Equal(config.QueryKeyValueBias, vector is not null));
            Assert.Equal(config.AttentionOutputBias, layer.AttentionOutputBias is not null);
            Assert.All([layer.GateBias, layer.UpBias, layer.DownBias], vector => Assert.Equal(config.MlpBias, vector is not null));
            Assert.All([layer.QueryNorm, layer.KeyNorm], vector => Assert.Equal(config.QueryKeyNorm != QueryKeyNorm.None, vector is not null));
            Assert.All([layer.BeforeAttentionNorm, layer.BeforeMlpNorm], vector => Assert.Equal(config.NormPlacement != NormPlacement.After, vector is not null));
            Assert.All([layer.AfterAttentionNorm, layer.AfterMlpNorm], vector => Assert.Equal(config.NormPlacement != NormPlacement.Before, vector is not null));
        }
    }

    [Fact]
    public unsafe void Load_FusedProjections_AreRowsOfTheirTensorWithoutACopy()
    {
        using var folder = new TemporaryFolder();
        (Small with { Architecture = "Phi3ForCausalLM", AttentionHeads = 4, KeyValueHeads = 2, Type = "F16" }).Write(folder.Path);
        using LlamaWeights weights = LlamaWeights.Load(folder.Path, LlamaConfig.Load(folder.Path));
        SafetensorsFile file = weights.Files[0];

        void AssertRows(string tensor, int first, int rows, WeightMatrix matrix)
        {
            Assert.Equal((rows, 16, WeightType.Float16), (matrix.Rows, matrix.Columns, matrix.Type));
            Assert.Equal((nint)file.GetPointer(file.Tensors[tensor]) + (first * 16 * 2), (nint)matrix.Data);
        }

        LayerWeights layer = weights.Layers[1];
        AssertRows("model.layers.1.self_attn.qkv_proj.weight", 0, 16, layer.Query);
        AssertRows("model.layers.1.self_attn.qkv_proj.weight", 16, 8, layer.Key);
        AssertRows("model.layers.1.self_attn.qkv_proj.weight", 24, 8, layer.Value);
        AssertRows("model.layers.1.mlp.gate_up_proj.weight", 0, 24, layer.Gate);
        AssertRows("model.layers.1.mlp.gate_up_proj.weight", 24, 24, layer.Up);
    }

    [Theory]
    [InlineData("Gemma2ForCausalLM", 1)]
    [InlineData("Gemma3ForCausalLM", 1)]
    [InlineData("Olmo2ForCausalLM", 0)]
    public void Load_NormWeights_HaveWhatTheFamilyAdds(string architecture, float offset)
    {
        using var folder = new TemporaryFolder();
        RandomModel model = Small with { Architecture = architecture };
        model.Write(folder.Path);
        const string Layer = "model.layers.0.";
        SafetensorsWriter writer = model.CreateWeights();
        string[] norms = [.. writer.Names.Where(name => name.EndsWith("norm.weight", StringComparison.Ordinal) && (name.StartsWith(Layer, StringComparison.Ordinal) || name == "model.norm.weight"))];
        foreach ((int i, string name) in norms.Index())
        {
            int size = name.Contains("q_norm") || name.Contains("k_norm") ? (architecture == "Olmo2ForCausalLM" ? (name.Contains("q_norm") ? 16 : 8) : 4) : 16;
            writer.Remove(name).Add(name, "F32", [size], () => i + 0.5f);
        }

        writer.Write(folder.File("model.safetensors"));

        using LlamaWeights weights = LlamaWeights.Load(folder.Path, LlamaConfig.Load(folder.Path));

        void AssertValue(string name, float[]? found)
        {
            int index = Array.IndexOf(norms, name);
            Assert.Equal(index < 0 ? null : index + 0.5f + offset, found?[^1]);
        }

        LayerWeights layer = weights.Layers[0];
        AssertValue(Layer + "input_layernorm.weight", layer.BeforeAttentionNorm);
        AssertValue(Layer + "post_attention_layernorm.weight", layer.AfterAttentionNorm);
        AssertValue(Layer + "pre_feedforward_layernorm.weight", layer.BeforeMlpNorm);
        AssertValue(Layer + "post_feedforward_layernorm.weight", layer.AfterMlpNorm);
        AssertValue(Layer + "self_attn.q_norm.weight", layer.QueryNorm);
        AssertValue(Layer + "self_attn.k_norm.weight", layer.KeyNorm);
        AssertValue("model.norm.weight", weights.FinalNorm);
    }

    [Fact]
    public void FindNonFinite_FusedTensor_SaysWhere()
    {
        using var folder = new TemporaryFolder();
        RandomModel model = Small with { Architecture = "Phi3ForCausalLM", AttentionHeads = 4, KeyValueHeads = 2 };
        model.Write(folder.Path);
        const string Name = "model.layers.1.self_attn.qkv_proj.weight";
        int next = 0;
        model.CreateWeights().Remove(Name).Add(Name, "F32", [32, 16], () => next++ == (29 * 16) + 3 ? float.NaN : 1f).Write(folder.File("model.safetensors"));

        using LlamaWeights weights = LlamaWeights.Load(folder.Path, LlamaConfig.Load(folder.Path));

        Assert.Equal(new NonFiniteWeight(Name, folder.File("model.safetensors"), 29, 3, float.NaN), weights.FindNonFinite());
    }

    [Theory]
    [InlineData("Gemma2ForCausalLM", "model.layers.1.pre_feedforward_layernorm.weight")]
    [InlineData("Gemma3ForCausalLM", "model.layers.1.self_attn.k_norm.weight")]
    [InlineData("Phi3ForCausalLM", "model.layers.0.self_attn.qkv_proj.weight")]
    [InlineData("Phi3ForCausalLM", "model.layers.1.mlp.gate_up_proj.weight")]
    [InlineData("Olmo2ForCausalLM", "model.layers.0.post_feedforward_layernorm.weight")]
    public void Load_FamilysTensorMissing_NamesIt(string architecture, string name)
    {
        using var folder = new TemporaryFolder();
        RandomModel model = Small with { Architecture = architecture };
        model.Write(folder.Path);
        model.CreateWeights().Remove(name).Write(folder.File("model.safetensors"));

        AssertInvalid(folder, $"'{name}'");
    }

    [Fact]
    public unsafe void Load_BaseModelWithoutPrefix_GivesTheSameWeights()
    {
        using TemporaryFolder folder = new TemporaryFolder().CopyFrom(Path.Combine(TestPaths.Golden, "qwen2-bf16"));
        LlamaConfig config = LlamaConfig.Load(folder.Path);
        using LlamaWeights expected = LlamaWeights.Load(folder.Path, config);
        using var bare = new TemporaryFolder();
        var writer = new SafetensorsWriter();
        SafetensorsFile file = expected.Files[0];
        foreach (TensorInfo tensor in file.Tensors.Values.Where(tensor => tensor.Name != "lm_head.weight"))
        {
            byte[] bytes = new ReadOnlySpan<byte>(file.GetPointer(tensor), (int)tensor.ByteCount).ToArray();
            writer.Add(tensor.Name["model.".Length..], tensor.DataType, [.. tensor.Shape], bytes);
        }

        writer.Write(bare.File("model.safetensors"));

        using LlamaWeights actual = LlamaWeights.Load(bare.Path, config);

        Assert.Null(actual.OutputHead);
        Assert.NotNull(expected.OutputHead);
        Assert.Equal(Bytes(expected.TokenEmbedding), Bytes(actual.TokenEmbedding));
        Assert.Equal(Bytes(expected.Layers[3].Down), Bytes(actual.Layers[3].Down));
        Assert.Equal(expected.Layers[1].QueryBias, actual.Layers[1].QueryBias);
    }

    [Fact]
    public void Load_MixedTypes_KeepsEachMatrixAndWidensVectors()
    {
        using var folder = new TemporaryFolder();
        RandomModel model = Small with { Type = "BF16", VectorType = "F32" };
        model.Write(folder.Path);
        SafetensorsWriter writer = model.CreateWeights();
        const string Name = "model.layers.1.mlp.up_proj.weight";
        writer.Remove(Name).Add(Name, "F16", [24, 16], () => 1.5f);
        writer.Write(folder.File("model.safetensors"));

        using LlamaWeights weights = LlamaWeights.Load(folder.Path, LlamaConfig.Load(folder.Path));

        Assert.Equal(WeightType.BFloat16, weights.Layers[0].Up.Type);
        Assert.Equal(WeightType.Float16, weights.Layers[1].Up.Type);
        Assert.Equal((WeightType.BFloat16, 2, 24L * 16 * 2), (weights.Layers[1].Gate.Type, weights.Layers[1].Gate.ElementSize, weights.Layers[1].Gate.ByteCount));
    }

    [Theory]
    [InlineData("F32", 1.401298464324817e-45f)]
    [InlineData("F32", -3.4028234663852886e38f)]
    [InlineData("F16", 5.9604645e-08f)]
    [InlineData("F16", 6.097555e-05f)]
    [InlineData("F16", -65504f)]
    [InlineData("BF16", 9.1835e-41f)]
    [InlineData("BF16", -3.3895314e38f)]
    public void Load_NormAtTheEdgeOfItsType_IsWidenedExactly(string type, float value)
    {
        using var folder = new TemporaryFolder();
        WriteWithNorm(folder, Small, type, [value, -0f, .. Enumerable.Repeat(1f, 14)]);

        using LlamaWeights weights = LlamaWeights.Load(folder.Path, LlamaConfig.Load(folder.Path));

        Assert.Equal(value, weights.FinalNorm[0]);
        Assert.Equal(BitConverter.SingleToInt32Bits(-0f), BitConverter.SingleToInt32Bits(weights.FinalNorm[1]));
    }

    [Theory]
    [InlineData("F32", float.NaN, "NaN")]
    [InlineData("F16", float.PositiveInfinity, "Infinity")]
    [InlineData("BF16", float.NegativeInfinity, "-Infinity")]
    public void Load_NormThatIsNotFinite_NamesTensorAndIndex(string type, float value, string shown)
    {
        using var folder = new TemporaryFolder();
        WriteWithNorm(folder, Small, type, [1, 1, 1, value, .. Enumerable.Repeat(1f, 12)]);

        AssertInvalid(folder, "'model.norm.weight'", $"{shown} at [3]");
    }

    [Theory]
    [InlineData("F32", float.NaN)]
    [InlineData("F16", float.NegativeInfinity)]
    [InlineData("BF16", float.PositiveInfinity)]
    public void FindNonFinite_MatrixWithOne_SaysWhere(string type, float value)
    {
        using var folder = new TemporaryFolder();
        RandomModel model = Small with { Type = type, HiddenSize = 40 };
        model.Write(folder.Path);
        const string Name = "model.layers.1.self_attn.k_proj.weight";
        int next = 0;
        model.CreateWeights().Remove(Name).Add(Name, type, [20, 40], () => next++ == (13 * 40) + 37 ? value : 65504f).Write(folder.File("model.safetensors"));

        using LlamaWeights weights = LlamaWeights.Load(folder.Path, LlamaConfig.Load(folder.Path));

        Assert.Equal(new NonFiniteWeight(Name, folder.File("model.safetensors"), 13, 37, value), weights.FindNonFinite());
    }

    [Fact]
    public void Load_StaleAndUnknownTensors_AreIgnored()
    {
        using var folder = new TemporaryFolder();
        Small.Write(folder.Path);
        Small.CreateWeights()
            .Add("model.layers.0.self_attn.rotary_emb.inv_freq", "F32", [2], float.NaN, 1)
            .Add("model.layers.0.self_attn.q_proj.bias", "F32", [3], 1, 2, 3)
            .Add("model.layers.99.input_layernorm.weight", "I64", [1], new byte[8])
            .Add("something.else", "BOOL", [1], new byte[1])
            .Write(folder.File("model.safetensors"));

        using LlamaWeights weights = LlamaWeights.Load(folder.Path, LlamaConfig.Load(folder.Path));

        Assert.Null(weights.Layers[0].QueryBias);
        Assert.Equal("I64", weights.Files[0].Tensors["model.layers.99.input_layernorm.weight"].DataType);
    }

    [Theory]
    [InlineData(false, "embed_tokens", "lm_head")]
    [InlineData(true, "lm_head", "embed_tokens")]
    public unsafe void Load_TiedWeightsUnderOneName_ServeBoth(bool headOnly, string kept, string dropped)
    {
        using var folder = new TemporaryFolder();
        (Small with { TieWordEmbeddings = true }).Write(folder.Path);
        string Full(string name) => name == "lm_head" ? "lm_head.weight" : "model.embed_tokens.weight";
        SafetensorsWriter writer = Small.CreateWeights().Remove(Full(dropped));
        Assert.Contains(Full(kept), writer.Names);
        writer.Write(folder.File("model.safetensors"));

        using LlamaWeights weights = LlamaWeights.Load(folder.Path, LlamaConfig.Load(folder.Path));

        Assert.True(weights.TokenEmbedding.Data == weights.OutputHead!.Value.Data);
        Assert.Equal(headOnly, weights.Files[0].Tensors.ContainsKey("lm_head.weight"));
    }

    [Theory]
    [InlineData("model.embed_tokens.weight")]
    [InlineData("model.norm.weight")]
    [InlineData("model.layers.1.self_attn.o_proj.weight")]
    [InlineData("model.layers.0.post_attention_layernorm.weight")]
    [InlineData("model.layers.0.self_attn.v_proj.bias")]
    public void Load_MissingTensor_NamesIt(string name)
    {
        using var folder = new TemporaryFolder();
        RandomModel model = Small with { Architecture = "Qwen2ForCausalLM" };
        model.Write(folder.Path);
        model.CreateWeights().Remove(name).Write(folder.File("model.safetensors"));

        AssertInvalid(folder, $"'{name}'");
    }

    [Theory]
    [InlineData("model.layers.1.mlp.down_proj.weight", 24, 16, "[24, 16]", "[16, 24]")]
    [InlineData("model.embed_tokens.weight", 41, 16, "[41, 16]", "[40, 16]")]
    [InlineData("lm_head.weight", 40, 8, "[40, 8]", "[40, 16]")]
    [InlineData("model.norm.weight", 1, 16, "[1, 16]", "[16]")]
    public void Load_WrongShape_NamesTensorFoundAndExpectedShape(string name, int rows, int columns, string found, string expected)
    {
        using var folder = new TemporaryFolder();
        Small.Write(folder.Path);
        Small.CreateWeights().Remove(name).Add(name, "F32", [rows, columns], () => 1).Write(folder.File("model.safetensors"));

        AssertInvalid(folder, name, found, expected);
    }

    [Theory]
    [InlineData("model.layers.1.mlp.down_proj.weight", "I8", 1)]
    [InlineData("model.layers.1.mlp.down_proj.weight", "F64", 8)]
    [InlineData("model.layers.1.mlp.down_proj.weight", "F8_E4M3", 1)]
    public void Load_UnsupportedType_NamesTensorAndType(string name, string type, int elementSize)
    {
        using var folder = new TemporaryFolder();
        Small.Write(folder.Path);
        Small.CreateWeights().Remove(name).Add(name, type, [16, 24], new byte[16 * 24 * elementSize]).Write(folder.File("model.safetensors"));

        AssertInvalid(folder, name, type, "F32, F16 or BF16");
    }

    [Fact]
    public void Lease_AfterDispose_Throws()
    {
        LlamaWeights weights = LlamaWeights.Load(TestPaths.DemoModel, LlamaConfig.Load(TestPaths.DemoModel));
        weights.Dispose();
        weights.Dispose();

        Assert.Throws<ObjectDisposedException>(weights.Lease);
        Assert.Throws<ObjectDisposedException>(weights.FindNonFinite);
    }

    [Fact]
    public unsafe void Dispose_WhileLeased_KeepsTheFilesMappedUntilTheLastLeaseEnds()
    {
        LlamaWeights weights = LlamaWeights.Load(TestPaths.DemoModel, LlamaConfig.Load(TestPaths.DemoModel));
        byte[] before = Bytes(weights.TokenEmbedding);
        IDisposable first = weights.Lease(), second = weights.Lease();

        weights.Dispose();
        Assert.Throws<ObjectDisposedException>(weights.Lease);
        first.Dispose();
        first.Dispose();
        first.Dispose();

        Assert.Equal(before, Bytes(weights.TokenEmbedding));
        TensorInfo tensor = weights.Files[0].Tensors.Values.First();
        Assert.True(weights.Files[0].GetPointer(tensor) != null);
        second.Dispose();
        Assert.Throws<ObjectDisposedException>(() => (nint)weights.Files[0].GetPointer(tensor));
    }

    [Fact]
    public async Task Lease_ManyThreadsAgainstDispose_EndsWithFilesUnmapped()
    {
        for (int round = 0; round < 50; round++)
        {
            LlamaWeights weights = LlamaWeights.Load(TestPaths.DemoModel, LlamaConfig.Load(TestPaths.DemoModel));
            float sum = 0;
            Task[] readers = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
            {
                try
                {
                    for (int i = 0; i < 100; i++)
                    {
                        using IDisposable lease = weights.Lease();
                        sum += LastElement(weights.TokenEmbedding);
                    }
                }
                catch (ObjectDisposedException)
                {
                    // The race that is tested; what must not happen is reading unmapped memory.
                }
            }))];
            weights.Dispose();
            await Task.WhenAll(readers);

            Assert.False(float.IsNaN(sum));
            Assert.Throws<ObjectDisposedException>(() => Pointer(weights));
        }
    }

    private static unsafe nint Pointer(LlamaWeights weights) => (nint)weights.Files[0].GetPointer(weights.Files[0].Tensors.Values.First());

    private static float LastElement(WeightMatrix matrix) => WeightReader.Read(matrix, matrix.Rows - 1, matrix.Columns - 1);

    private static byte[] Bytes(WeightMatrix matrix) => matrix.GetRowBytes(0, matrix.Rows).ToArray();

    private static void WriteWithNorm(TemporaryFolder folder, RandomModel model, string type, float[] values)
    {
        model.Write(folder.Path);
        SafetensorsWriter writer = model.CreateWeights().Remove("model.norm.weight");
        if (type == "BF16")
        {
            // By hand: rounding must not touch the values at the edge.
            ushort[] bits = [.. values.Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))];
            writer.Add("model.norm.weight", type, [values.Length], MemoryMarshal.AsBytes<ushort>(bits).ToArray());
        }
        else
        {
            writer.Add("model.norm.weight", type, [values.Length], values);
        }

        writer.Write(folder.File("model.safetensors"));
    }

    private static void AssertInvalid(TemporaryFolder folder, params string[] parts)
    {
        string message = Assert.Throws<InvalidModelException>(() => LlamaWeights.Load(folder.Path, LlamaConfig.Load(folder.Path))).Message;
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }
}
