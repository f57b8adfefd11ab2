using MetaEol.Llama.Configuration;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Configuration;

public sealed class LlamaConfigTests
{
    private const string Sizes = """
        "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 3, "num_attention_heads": 32, "vocab_size": 100
        """;

    [Theory]
    [InlineData("llama", "LlamaForCausalLM", 32000, 11008, 32, 128, 2048, false, false)]
    [InlineData("mistral", "MistralForCausalLM", 32000, 14336, 8, 128, 131072, false, false)]
    [InlineData("qwen2", "Qwen2ForCausalLM", 151936, 22016, 32, 128, 32768, true, false)]
    [InlineData("qwen3", "Qwen3ForCausalLM", 151936, 22016, 32, 128, 32768, false, true)]
    public void Parse_ModelTypeOnly_TakesDefaultsOfItsFamily(
        string modelType, string architecture, int vocabulary, int intermediate, int keyValueHeads, int headDimension, int context, bool bias, bool norm)
    {
        LlamaConfig config = LlamaConfig.Parse($$"""{ "model_type": "{{modelType}}" }""");

        Assert.Equal(architecture, config.Architecture);
        Assert.Equal(vocabulary, config.VocabularySize);
        Assert.Equal(4096, config.HiddenSize);
        Assert.Equal(intermediate, config.IntermediateSize);
        Assert.Equal(32, config.LayerCount);
        Assert.Equal(32, config.AttentionHeads);
        Assert.Equal(keyValueHeads, config.KeyValueHeads);
        Assert.Equal(headDimension, config.HeadDimension);
        Assert.Equal(context, config.MaxPositionEmbeddings);
        Assert.Equal(1e-6, config.RmsNormEpsilon);
        Assert.Equal(10000, config.Rotary[0]!.Theta);
        Assert.Null(config.Rotary[0]!.Scaling);
        Assert.Equal(bias, config.QueryKeyValueBias);
        Assert.False(config.AttentionOutputBias);
        Assert.False(config.MlpBias);
        Assert.Equal(norm, config.QueryKeyNorm == QueryKeyNorm.PerHead);
        Assert.False(config.TieWordEmbeddings);
        Assert.Equal(Enumerable.Repeat(modelType == "mistral" ? (int?)4096 : null, 32), config.SlidingWindows);
    }

    [Theory]
    [InlineData("LlamaForCausalLM", "LlamaForCausalLM")]
    [InlineData("LLaMAForCausalLM", "LlamaForCausalLM")]
    [InlineData("LlamaModel", "LlamaForCausalLM")]
    [InlineData("MistralModel", "MistralForCausalLM")]
    [InlineData("Qwen2Model", "Qwen2ForCausalLM")]
    [InlineData("Qwen3Model", "Qwen3ForCausalLM")]
    public void Parse_ArchitectureName_IsReadWithAndWithoutHead(string name, string expected)
    {
        Assert.Equal(expected, LlamaConfig.Parse($$"""{ "architectures": ["{{name}}"] }""").Architecture);
    }

    [Theory]
    [InlineData("LlamaForCausalLM", "true", "true", true, true, true)]
    [InlineData("LlamaForCausalLM", "null", "null", false, false, false)]
    [InlineData("MistralForCausalLM", "true", "true", false, false, false)]
    [InlineData("Qwen2ForCausalLM", "false", "true", true, false, false)]
    [InlineData("Qwen3ForCausalLM", "true", "true", true, true, false)]
    [InlineData("Qwen3ForCausalLM", "false", "false", false, false, false)]
    public void Parse_Biases_AreThoseOfTheFamily(string architecture, string attentionBias, string mlpBias, bool queryKeyValue, bool output, bool mlp)
    {
        LlamaConfig config = LlamaConfig.Parse($$"""{ "architectures": ["{{architecture}}"], "attention_bias": {{attentionBias}}, "mlp_bias": {{mlpBias}} }""");

        Assert.Equal((queryKeyValue, output, mlp), (config.QueryKeyValueBias, config.AttentionOutputBias, config.MlpBias));
    }

    [Theory]
    [InlineData("llama", "", 32)]
    [InlineData("llama", "\"num_key_value_heads\": null,", 32)]
    [InlineData("llama", "\"num_key_value_heads\": 4,", 4)]
    [InlineData("mistral", "", 8)]
    [InlineData("mistral", "\"num_key_value_heads\": null,", 32)]
    [InlineData("qwen2", "", 32)]
    [InlineData("qwen3", "\"num_key_value_heads\": 1,", 1)]
    public void Parse_KeyValueHeads_MissingIsTheDefaultAndNullIsMultiHead(string modelType, string key, int expected)
    {
        Assert.Equal(expected, LlamaConfig.Parse($$"""{ "model_type": "{{modelType}}", {{key}} {{Sizes}} }""").KeyValueHeads);
    }

    [Theory]
    [InlineData("llama", "", 2)]
    [InlineData("llama", "\"head_dim\": null,", 2)]
    [InlineData("llama", "\"head_dim\": 24,", 24)]
    [InlineData("mistral", "\"head_dim\": 128,", 128)]
    [InlineData("qwen2", "\"head_dim\": 6,", 6)]
    [InlineData("qwen3", "", 128)]
    [InlineData("qwen3", "\"head_dim\": null,", 2)]
    public void Parse_HeadDimension_MayBeExplicit(string modelType, string key, int expected)
    {
        string keyValueHeads = modelType == "mistral" ? "\"num_key_value_heads\": 8," : "";
        Assert.Equal(expected, LlamaConfig.Parse($$"""{ "model_type": "{{modelType}}", {{keyValueHeads}} {{key}} {{Sizes}} }""").HeadDimension);
    }

    [Theory]
    [InlineData("llama", "\"sliding_window\": 7", "- - -")]
    [InlineData("mistral", "\"sliding_window\": 7", "7 7 7")]
    [InlineData("mistral", "\"sliding_window\": null", "- - -")]
    [InlineData("mistral", "\"rope_theta\": 5000", "4096 4096 4096")]
    [InlineData("qwen2", "\"sliding_window\": 7, \"max_window_layers\": 0", "- - -")]
    [InlineData("qwen2", "\"sliding_window\": 0, \"use_sliding_window\": false", "- - -")]
    [InlineData("qwen2", "\"use_sliding_window\": true, \"sliding_window\": 7", "- - -")]
    [InlineData("qwen2", "\"use_sliding_window\": true, \"sliding_window\": 7, \"max_window_layers\": 1", "- 7 7")]
    [InlineData("qwen2", "\"use_sliding_window\": true, \"sliding_window\": null, \"max_window_layers\": 1", "- - -")]
    [InlineData("qwen3", "\"use_sliding_window\": true, \"max_window_layers\": 2", "- - 4096")]
    [InlineData("qwen3", "\"use_sliding_window\": null, \"sliding_window\": 7, \"max_window_layers\": 0", "- - -")]
    [InlineData("qwen3", "\"use_sliding_window\": true, \"sliding_window\": 9, \"max_window_layers\": 0, \"layer_types\": [\"sliding_attention\", \"full_attention\", \"sliding_attention\"]", "9 - 9")]
    [InlineData("qwen2", "\"layer_types\": [\"full_attention\", \"full_attention\", \"full_attention\"]", "- - -")]
    public void Parse_SlidingWindow_FollowsTheFamilysRule(string modelType, string keys, string expected)
    {
        string keyValueHeads = modelType == "mistral" ? "\"num_key_value_heads\": 8," : "";
        LlamaConfig config = LlamaConfig.Parse($$"""{ "model_type": "{{modelType}}", {{keys}}, {{keyValueHeads}} {{Sizes}} }""");

        Assert.Equal(expected, string.Join(' ', config.SlidingWindows.Select(window => window?.ToString() ?? "-")));
    }

    [Fact]
    public void Parse_NullKeys_TakeTheirDefaults()
    {
        LlamaConfig config = LlamaConfig.Parse("""
            {
              "architectures": null, "model_type": "llama", "quantization_config": null, "hidden_act": null, "rms_norm_eps": null, "rope_theta": null,
              "rope_scaling": null, "rope_parameters": null, "max_position_embeddings": null, "tie_word_embeddings": null, "partial_rotary_factor": null
            }
            """);

        Assert.Equal((1e-6, 10000.0, 2048, false), (config.RmsNormEpsilon, config.Rotary[0]!.Theta, config.MaxPositionEmbeddings, config.TieWordEmbeddings));
        Assert.Null(config.Rotary[0]!.Scaling);
    }

    [Fact]
    public void Parse_UnusualSpellings_AreRead()
    {
        LlamaConfig config = LlamaConfig.Parse("\uFEFF" + """
            {
              "model_type": "llama", "dtype": "bfloat16", "hidden_act": "swish", "max_position_embeddings": 4096.0, "rope_theta": 1e6, "rms_norm_eps": 2E-2,
              "tie_word_embeddings": true, "partial_rotary_factor": 1.0, "some_later_key": { "nested": [1, 2, { "a": null }] }
            }
            """);

        Assert.Equal((4096, 1e6, 0.02, true), (config.MaxPositionEmbeddings, config.Rotary[0]!.Theta, config.RmsNormEpsilon, config.TieWordEmbeddings));
    }

    [Theory]
    [InlineData("llama-mha-f32", 4, 16, 0.02, false)]
    [InlineData("llama-tied-f32", 1, 16, 1e-5, true)]
    [InlineData("mistral-sw24-f16", 2, 16, 1e-5, false)]
    [InlineData("qwen3-bf16", 2, 32, 1e-6, true)]
    public void Load_GoldenModel_ReadsItsConfiguration(string model, int keyValueHeads, int headDimension, double epsilon, bool tied)
    {
        LlamaConfig config = LlamaConfig.Load(Path.Combine(TestPaths.Golden, model));

        Assert.Equal((keyValueHeads, headDimension, epsilon, tied), (config.KeyValueHeads, config.HeadDimension, config.RmsNormEpsilon, config.TieWordEmbeddings));
        Assert.Equal(model.StartsWith("mistral", StringComparison.Ordinal) ? 24 : null, config.SlidingWindows[0]);
    }
}
