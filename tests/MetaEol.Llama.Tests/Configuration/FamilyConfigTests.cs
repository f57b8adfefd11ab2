using System.Text.Json;
using System.Text.Json.Nodes;
using MetaEol.Llama.Configuration;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Configuration;

/// <summary>What each family reads of its configuration, and what it takes where a key is missing or null.</summary>
public sealed class FamilyConfigTests
{
    public static TheoryData<string> ModelsWithNewerConfig =>
        [.. Directory.EnumerateFiles(Path.Combine(TestPaths.Root, "tests", "configs-v5")).Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(ModelsWithNewerConfig))]
    public void Parse_ConfigOfTransformers5_GivesTheSameConfiguration(string model)
    {
        LlamaConfig older = LlamaConfig.Load(Path.Combine(TestPaths.Golden, model));
        LlamaConfig newer = LlamaConfig.Parse(File.ReadAllText(Path.Combine(TestPaths.Root, "tests", "configs-v5", model + ".json")));

        Assert.Equal(JsonSerializer.Serialize(older), JsonSerializer.Serialize(newer));
    }

    [Theory]
    [InlineData("gemma2", "Gemma2ForCausalLM", 256000, 2304, 9216, 26, 8, 4, 256, 8192, 1e-6, true)]
    [InlineData("gemma3_text", "Gemma3ForCausalLM", 262208, 2304, 9216, 26, 8, 4, 256, 131072, 1e-6, true)]
    [InlineData("phi3", "Phi3ForCausalLM", 32064, 3072, 8192, 32, 32, 32, 96, 4096, 1e-5, false)]
    [InlineData("granite", "GraniteForCausalLM", 32000, 4096, 11008, 32, 32, 32, 128, 2048, 1e-6, false)]
    [InlineData("olmo2", "Olmo2ForCausalLM", 50304, 4096, 11008, 32, 32, 32, 128, 2048, 1e-5, false)]
    [InlineData("smollm3", "SmolLM3ForCausalLM", 128256, 2048, 11008, 36, 16, 4, 128, 32768, 1e-6, true)]
    public void Parse_ModelTypeOnly_TakesSizesOfItsFamily(
        string modelType, string architecture, int vocabulary, int hidden, int intermediate, int layers, int heads, int keyValueHeads, int headDimension, int context, double epsilon, bool tied)
    {
        LlamaConfig config = Parse(modelType, "");

        Assert.Equal(
            (architecture, vocabulary, hidden, intermediate, layers, heads, keyValueHeads),
            (config.Architecture, config.VocabularySize, config.HiddenSize, config.IntermediateSize, config.LayerCount, config.AttentionHeads, config.KeyValueHeads));
        Assert.Equal((headDimension, context, context, epsilon, tied), (config.HeadDimension, config.MaxPositionEmbeddings, config.ContextTokens, config.RmsNormEpsilon, config.TieWordEmbeddings));
        Assert.False(config.QueryKeyValueBias || config.AttentionOutputBias || config.MlpBias);
    }

    [Theory]
    [InlineData("llama", NormPlacement.Before, 0, QueryKeyNorm.None, Activation.Silu, false)]
    [InlineData("qwen3", NormPlacement.Before, 0, QueryKeyNorm.PerHead, Activation.Silu, false)]
    [InlineData("gemma2", NormPlacement.Around, 1, QueryKeyNorm.None, Activation.GeluTanh, false)]
    [InlineData("gemma3_text", NormPlacement.Around, 1, QueryKeyNorm.PerHead, Activation.GeluTanh, false)]
    [InlineData("phi3", NormPlacement.Before, 0, QueryKeyNorm.None, Activation.Silu, true)]
    [InlineData("granite", NormPlacement.Before, 0, QueryKeyNorm.None, Activation.Silu, false)]
    [InlineData("olmo2", NormPlacement.After, 0, QueryKeyNorm.FullWidth, Activation.Silu, false)]
    [InlineData("smollm3", NormPlacement.Before, 0, QueryKeyNorm.None, Activation.Silu, false)]
    public void Parse_Parts_AreThoseOfTheFamily(string modelType, NormPlacement norms, float offset, QueryKeyNorm queryKeyNorm, Activation activation, bool fused)
    {
        LlamaConfig config = Parse(modelType, "");

        Assert.Equal((norms, offset, queryKeyNorm, activation, fused), (config.NormPlacement, config.NormOffset, config.QueryKeyNorm, config.Activation, config.FusedProjections));
    }

    [Theory]
    [InlineData("llama", "\"embedding_multiplier\": 7, \"residual_multiplier\": 7, \"logits_scaling\": 7, \"attention_multiplier\": 7, \"query_pre_attn_scalar\": 7", 1, 0.125, 1, 1)]
    [InlineData("phi3", "\"head_dim\": null", 1, 0.125, 1, 1)]
    [InlineData("gemma2", "\"head_dim\": 32", 16, 0.0625, 1, 1)]
    [InlineData("gemma2", "\"query_pre_attn_scalar\": 64", 16, 0.125, 1, 1)]
    [InlineData("gemma3_text", "\"query_pre_attn_scalar\": 0.25, \"embedding_multiplier\": 7", 16, 2, 1, 1)]
    [InlineData("granite", "\"query_pre_attn_scalar\": 7", 1, 1, 1, 1)]
    [InlineData("granite", "\"embedding_multiplier\": null, \"attention_multiplier\": null, \"residual_multiplier\": null, \"logits_scaling\": null", 1, 1, 1, 1)]
    [InlineData("granite", "\"embedding_multiplier\": 12, \"attention_multiplier\": 0.0078125, \"residual_multiplier\": 0.22, \"logits_scaling\": 8.5", 12, 0.0078125, 0.22, 8.5)]
    public void Parse_Scales_AreThoseOfTheFamily(string modelType, string keys, double embedding, double score, double residual, double logits)
    {
        LlamaConfig config = Parse(modelType, "\"hidden_size\": 256, \"num_attention_heads\": 4, \"num_key_value_heads\": 4", keys);

        Assert.Equal((embedding, score, residual, logits), (config.EmbeddingScale, config.ScoreScale, config.ResidualScale, config.LogitsScale));
    }

    [Theory]
    [InlineData("gemma2", "", 50.0, 30.0)]
    [InlineData("gemma2", "\"attn_logit_softcapping\": null, \"final_logit_softcapping\": null", null, null)]
    [InlineData("gemma2", "\"attn_logit_softcapping\": 6, \"final_logit_softcapping\": 4.5", 6.0, 4.5)]
    [InlineData("gemma3_text", "", null, null)]
    [InlineData("gemma3_text", "\"attn_logit_softcapping\": 6, \"final_logit_softcapping\": 4.5", null, 4.5)]
    [InlineData("llama", "\"attn_logit_softcapping\": 6, \"final_logit_softcapping\": 4.5", null, null)]
    public void Parse_SoftCaps_MissingIsTheDefaultAndNullIsNone(string modelType, string keys, double? attention, double? final)
    {
        LlamaConfig config = Parse(modelType, keys);

        Assert.Equal((attention, final), (config.AttentionSoftCap, config.FinalLogitSoftCap));
    }

    [Theory]
    [InlineData("llama", "\"hidden_act\": \"gelu_pytorch_tanh\"", Activation.GeluTanh)]
    [InlineData("phi3", "\"hidden_act\": \"swish\"", Activation.Silu)]
    [InlineData("gemma2", "\"hidden_act\": \"silu\"", Activation.GeluTanh)]
    [InlineData("gemma3_text", "\"hidden_act\": \"no such thing\", \"hidden_activation\": null", Activation.GeluTanh)]
    [InlineData("gemma3_text", "\"hidden_activation\": \"silu\"", Activation.Silu)]
    [InlineData("granite", "\"hidden_activation\": \"gelu_pytorch_tanh\"", Activation.Silu)]
    public void Parse_Activation_IsReadFromTheFamilysKey(string modelType, string keys, Activation expected)
    {
        Assert.Equal(expected, Parse(modelType, keys).Activation);
    }

    [Theory]
    [InlineData("gemma2", true, true, false)]
    [InlineData("gemma3_text", true, true, false)]
    [InlineData("phi3", false, false, false)]
    [InlineData("granite", true, true, true)]
    [InlineData("olmo2", true, true, false)]
    [InlineData("smollm3", true, true, true)]
    public void Parse_Biases_AreThoseOfTheFamily(string modelType, bool queryKeyValue, bool output, bool mlp)
    {
        LlamaConfig config = Parse(modelType, "\"attention_bias\": true, \"mlp_bias\": true");

        Assert.Equal((queryKeyValue, output, mlp), (config.QueryKeyValueBias, config.AttentionOutputBias, config.MlpBias));
    }

    [Theory]
    [InlineData("gemma2", "", "4096 - 4096 - 4096 - 4096")]
    [InlineData("gemma2", "\"sliding_window\": 9, \"use_sliding_window\": false, \"sliding_window_pattern\": 3", "9 - 9 - 9 - 9")]
    [InlineData("gemma2", "\"sliding_window\": 9, \"layer_types\": [\"full_attention\", \"sliding_attention\", \"sliding_attention\", \"full_attention\", \"full_attention\", \"full_attention\", \"full_attention\"]", "- 9 9 - - - -")]
    [InlineData("gemma2", "\"sliding_window\": null, \"layer_types\": [\"full_attention\", \"full_attention\", \"full_attention\", \"full_attention\", \"full_attention\", \"full_attention\", \"full_attention\"]", "- - - - - - -")]
    [InlineData("gemma3_text", "", "4096 4096 4096 4096 4096 - 4096")]
    [InlineData("gemma3_text", "\"sliding_window\": 9, \"sliding_window_pattern\": 3", "9 9 - 9 9 - 9")]
    [InlineData("gemma3_text", "\"sliding_window\": 9, \"sliding_window_pattern\": null", "9 9 9 9 9 - 9")]
    [InlineData("gemma3_text", "\"sliding_window\": null, \"sliding_window_pattern\": 1", "- - - - - - -")]
    [InlineData("gemma3_text", "\"sliding_window\": 9, \"sliding_window_pattern\": 2, \"layer_types\": [\"sliding_attention\", \"sliding_attention\", \"full_attention\", \"full_attention\", \"full_attention\", \"full_attention\", \"full_attention\"]", "9 9 - - - - -")]
    [InlineData("phi3", "", "- - - - - - -")]
    [InlineData("phi3", "\"sliding_window\": null", "- - - - - - -")]
    [InlineData("phi3", "\"sliding_window\": 9, \"layer_types\": [\"full_attention\"]", "9 9 9 9 9 9 9")]
    [InlineData("granite", "\"sliding_window\": 9, \"use_sliding_window\": true", "- - - - - - -")]
    [InlineData("olmo2", "\"sliding_window\": 9, \"use_sliding_window\": true", "- - - - - - -")]
    [InlineData("smollm3", "\"sliding_window\": 9", "- - - - - - -")]
    [InlineData("smollm3", "\"sliding_window\": 9, \"use_sliding_window\": false", "- - - - - - -")]
    [InlineData("smollm3", "\"use_sliding_window\": true", "- - - - - - -")]
    [InlineData("smollm3", "\"sliding_window\": 9, \"use_sliding_window\": true", "- - - 9 - - -")]
    [InlineData("smollm3", "\"sliding_window\": 9, \"use_sliding_window\": true, \"no_rope_layers\": [1, 0, 1, 0, 1, 1, 0]", "- 9 - 9 - - 9")]
    [InlineData("smollm3", "\"sliding_window\": 9, \"use_sliding_window\": true, \"layer_types\": [\"sliding_attention\", \"full_attention\", \"full_attention\", \"full_attention\", \"full_attention\", \"full_attention\", \"full_attention\"]", "9 - - - - - -")]
    public void Parse_SlidingWindow_FollowsTheFamilysRule(string modelType, string keys, string expected)
    {
        LlamaConfig config = Parse(modelType, "\"num_hidden_layers\": 7", keys);

        Assert.Equal(expected, string.Join(' ', config.SlidingWindows.Select(window => window?.ToString() ?? "-")));
    }

    [Theory]
    [InlineData("", "2000000 2000000 2000000 - 2000000 2000000 2000000")]
    [InlineData("\"rope_theta\": 500", "500 500 500 - 500 500 500")]
    [InlineData("\"rope_theta\": 500, \"no_rope_layer_interval\": 3", "500 500 - 500 500 - 500")]
    [InlineData("\"rope_theta\": 500, \"no_rope_layer_interval\": 1", "- - - - - - -")]
    [InlineData("\"rope_theta\": 500, \"no_rope_layer_interval\": null, \"no_rope_layers\": null", "500 500 500 - 500 500 500")]
    [InlineData("\"rope_theta\": 500, \"no_rope_layers\": [1, 0, 0, 1, 1, 1, 1]", "500 - - 500 500 500 500")]
    [InlineData("\"rope_parameters\": { \"rope_theta\": 500 }, \"no_rope_layers\": [1, 1, 1, 1, 1, 1, 1, 0, 0]", "500 500 500 500 500 500 500")]
    public void Parse_SmolLm3_HasLayersWithoutRotary(string keys, string expected)
    {
        Assert.Equal(expected, Thetas(Parse("smollm3", "\"num_hidden_layers\": 7", keys)));
    }

    [Theory]
    [InlineData("", "10000 1000000 10000", "- - -")]
    [InlineData("\"rope_theta\": 500, \"rope_local_base_freq\": 7", "7 500 7", "- - -")]
    [InlineData("\"rope_scaling\": null, \"rope_local_base_freq\": null", "10000 1000000 10000", "- - -")]
    [InlineData("\"rope_scaling\": { \"rope_type\": \"linear\", \"factor\": 8 }", "10000 1000000 10000", "- Linear -")]
    [InlineData("\"rope_parameters\": { \"full_attention\": { \"rope_theta\": 500, \"rope_type\": \"linear\", \"factor\": 8 }, \"sliding_attention\": { \"rope_theta\": 7, \"rope_type\": \"default\" } }", "7 500 7", "- Linear -")]
    [InlineData("\"rope_parameters\": { \"full_attention\": { \"rope_theta\": 500 } }", "10000 500 10000", "- - -")]
    [InlineData("\"rope_parameters\": { \"sliding_attention\": { \"rope_type\": \"linear\", \"factor\": 2 } }", "10000 1000000 10000", "Linear - Linear")]
    [InlineData("\"rope_theta\": 3, \"rope_local_base_freq\": 4, \"rope_parameters\": { \"full_attention\": { \"rope_type\": \"yarn\", \"factor\": 8 }, \"sliding_attention\": {} }", "4 3 4", "- Yarn -")]
    public void Parse_Gemma3_HasARotaryBaseForEachKindOfLayer(string keys, string thetas, string scalings)
    {
        LlamaConfig config = Parse("gemma3_text", "\"num_hidden_layers\": 3, \"sliding_window_pattern\": 2", keys);

        Assert.Equal(thetas, Thetas(config));
        Assert.Equal(scalings, string.Join(' ', config.Rotary.Select(rotary => rotary!.Scaling?.Type.ToString() ?? "-")));
        Assert.Equal(131072, config.ContextTokens);
    }

    [Theory]
    [InlineData("", 96, 48)]
    [InlineData("\"partial_rotary_factor\": null", 96, 48)]
    [InlineData("\"partial_rotary_factor\": 0.75", 72, 36)]
    [InlineData("\"partial_rotary_factor\": 0.4", 38, 19)]
    [InlineData("\"head_dim\": 16, \"partial_rotary_factor\": 0.7", 11, 6)]
    [InlineData("\"rope_parameters\": { \"rope_type\": \"default\", \"partial_rotary_factor\": 0.25 }", 24, 12)]
    [InlineData("\"partial_rotary_factor\": 0.5, \"rope_parameters\": { \"partial_rotary_factor\": 0.25 }", 24, 12)]
    [InlineData("\"partial_rotary_factor\": 0.5, \"rope_parameters\": { \"rope_theta\": 7 }", 48, 24)]
    public void Parse_Phi3_RotatesAPartOfAHead(string keys, int dimensions, int pairs)
    {
        RotaryParameters rotary = Parse("phi3", keys).Rotary[0]!;

        Assert.Equal((dimensions, pairs), (rotary.Dimensions, rotary.Pairs));
    }

    [Theory]
    [InlineData("\"type\": \"longrope\"")]
    [InlineData("\"type\": \"su\"")]
    [InlineData("\"type\": \"yarn\"")]
    [InlineData("\"rope_type\": \"longrope\"")]
    [InlineData("\"rope_type\": \"longrope\", \"type\": \"su\"")]
    public void Parse_LongRope_IsReadUnderAllItsNames(string type)
    {
        LlamaConfig config = Parse("phi3", $$"""
            "head_dim": 8, "partial_rotary_factor": 0.5, "max_position_embeddings": 256, "original_max_position_embeddings": 64,
            "rope_scaling": { {{type}}, "short_factor": [1, 1.5], "long_factor": [2, 3.25] }
            """);
        RopeScaling scaling = config.Rotary[0]!.Scaling!;

        Assert.Equal((RopeType.LongRope, 4.0, 64), (scaling.Type, scaling.Factor, scaling.OriginalMaxPositionEmbeddings));
        Assert.Equal([1, 1.5], scaling.ShortFactors);
        Assert.Equal([2, 3.25], scaling.LongFactors);
        Assert.Equal(Math.Sqrt(1 + (Math.Log(4) / Math.Log(64))), config.Rotary[0]!.Amplitude, 1e-15);
        Assert.Equal(256, config.ContextTokens);
    }

    [Theory]
    [InlineData("phi3", "\"max_position_embeddings\": 8192", "", 4096, 1.0408329997330663)]
    [InlineData("phi3", "\"max_position_embeddings\": 4096", "", 4096, 1)]
    [InlineData("phi3", "\"max_position_embeddings\": 64, \"original_max_position_embeddings\": 64", "", 64, 1)]
    [InlineData("phi3", "\"max_position_embeddings\": 32, \"original_max_position_embeddings\": 64", "", 64, 1)]
    [InlineData("phi3", "\"max_position_embeddings\": 256, \"original_max_position_embeddings\": 64", ", \"attention_factor\": 1.5", 64, 1.5)]
    [InlineData("phi3", "\"max_position_embeddings\": 256, \"original_max_position_embeddings\": 64", ", \"factor\": 100", 64, 1.1547005383792515)]
    [InlineData("llama", "\"max_position_embeddings\": 256", ", \"original_max_position_embeddings\": 64", 64, 1.1547005383792515)]
    [InlineData("llama", "\"max_position_embeddings\": 256", ", \"original_max_position_embeddings\": 64, \"factor\": 64", 64, 1.4142135623730951)]
    [InlineData("llama", "\"max_position_embeddings\": 256, \"original_max_position_embeddings\": 64", ", \"original_max_position_embeddings\": 16, \"factor\": 64", 64, 1.1547005383792515)]
    [InlineData("llama", "\"max_position_embeddings\": 256", "", 256, 1)]
    [InlineData("llama", "\"max_position_embeddings\": 256", ", \"factor\": 16", 256, 1.224744871391589)]
    public void Parse_LongRope_ComputesTheAttentionFactorFromTheContexts(string modelType, string keys, string scalingKeys, int original, double attentionFactor)
    {
        RopeScaling scaling = Parse(modelType, $$"""
            "head_dim": 4, {{keys}}, "rope_scaling": { "type": "longrope", "short_factor": [1, 1], "long_factor": [1, 2]{{scalingKeys}} }
            """).Rotary[0]!.Scaling!;

        Assert.Equal(original, scaling.OriginalMaxPositionEmbeddings);
        Assert.Equal(attentionFactor, scaling.AttentionFactor, 1e-14);
    }

    [Theory]
    [InlineData("LlamaForCausalLM", "mistral", "MistralForCausalLM")]
    [InlineData("LlamaForSequenceClassification", "llama", "LlamaForCausalLM")]
    [InlineData("Phi3ForCausalLM", "olmo2", "Olmo2ForCausalLM")]
    [InlineData("NoSuchThing", "granite", "GraniteForCausalLM")]
    public void Parse_ArchitecturesThatDisagree_ModelTypeDecides(string architecture, string modelType, string expected)
    {
        Assert.Equal(expected, LlamaConfig.Parse($$"""{ "architectures": ["{{architecture}}"], "model_type": "{{modelType}}" }""").Architecture);
    }

    [Theory]
    [InlineData("Gemma2Model", "Gemma2ForCausalLM")]
    [InlineData("Gemma3TextModel", "Gemma3ForCausalLM")]
    [InlineData("Gemma3ForCausalLM", "Gemma3ForCausalLM")]
    [InlineData("Phi3Model", "Phi3ForCausalLM")]
    [InlineData("GraniteForCausalLM", "GraniteForCausalLM")]
    [InlineData("Olmo2ForCausalLM", "Olmo2ForCausalLM")]
    [InlineData("SmolLM3Model", "SmolLM3ForCausalLM")]
    public void Parse_NoModelType_ArchitecturesDecide(string architecture, string expected)
    {
        Assert.Equal(expected, LlamaConfig.Parse($$"""{ "architectures": ["{{architecture}}"], "model_type": null }""").Architecture);
    }

    [Theory]
    [InlineData("gemma2", "\"hidden_activation\": \"gelu\"", "hidden_activation", "gelu_pytorch_tanh")]
    [InlineData("gemma2", "\"attn_logit_softcapping\": 0", "attn_logit_softcapping", "0")]
    [InlineData("gemma2", "\"final_logit_softcapping\": -30", "final_logit_softcapping", "-30")]
    [InlineData("gemma2", "\"query_pre_attn_scalar\": 0", "query_pre_attn_scalar", "0")]
    [InlineData("gemma2", "\"query_pre_attn_scalar\": \"256\"", "query_pre_attn_scalar", "\"256\"")]
    [InlineData("gemma2", "\"sliding_window\": null", "Gemma2ForCausalLM gives layer 0", "'sliding_window'")]
    [InlineData("gemma2", "\"use_bidirectional_attention\": true", "use_bidirectional_attention", "causal")]
    [InlineData("gemma2", "\"layer_types\": [\"full_attention\"]", "layer_types", "1 entries")]
    [InlineData("gemma3_text", "\"use_bidirectional_attention\": true", "use_bidirectional_attention", "causal")]
    [InlineData("gemma3_text", "\"sliding_window_pattern\": 0", "sliding_window_pattern", "0")]
    [InlineData("gemma3_text", "\"rope_local_base_freq\": 0", "rope_local_base_freq", "0")]
    [InlineData("gemma3_text", "\"rope_parameters\": { \"rope_theta\": 10000 }", "rope_parameters", "'full_attention'")]
    [InlineData("gemma3_text", "\"rope_parameters\": { \"full_attention\": 7 }", "rope_parameters.full_attention", "7")]
    [InlineData("gemma3_text", "\"rope_parameters\": { \"full_attention\": { \"rope_type\": \"linear\" } }", "rope_parameters.full_attention.factor", "missing")]
    [InlineData("gemma3_text", "\"rope_parameters\": { \"full_attention\": { \"rope_type\": \"dynamic\", \"factor\": 2 }, \"sliding_attention\": { \"rope_type\": \"dynamic\", \"factor\": 3 } }", "rope_parameters", "length")]
    [InlineData("gemma2", "\"rope_parameters\": { \"full_attention\": { \"rope_theta\": 10000 } }", "rope_parameters", "layer type")]
    [InlineData("gemma3_text", "\"partial_rotary_factor\": 0.5", "partial_rotary_factor", "0.5")]
    [InlineData("phi3", "\"partial_rotary_factor\": 0", "partial_rotary_factor", "0")]
    [InlineData("phi3", "\"partial_rotary_factor\": 1.5", "partial_rotary_factor", "1.5")]
    [InlineData("phi3", "\"rope_scaling\": { \"type\": \"linear\", \"factor\": 2 }", "'linear'", "'longrope'")]
    [InlineData("phi3", "\"rope_scaling\": { \"short_factor\": [1], \"long_factor\": [1] }", "rope_scaling.rope_type", "missing")]
    [InlineData("phi3", "\"head_dim\": 4, \"rope_scaling\": { \"type\": \"longrope\", \"short_factor\": [1, 1] }", "rope_scaling.long_factor", "missing")]
    [InlineData("phi3", "\"head_dim\": 4, \"rope_scaling\": { \"type\": \"longrope\", \"short_factor\": [1, 1, 1], \"long_factor\": [1, 1] }", "rope_scaling.short_factor", "2 numbers")]
    [InlineData("phi3", "\"head_dim\": 4, \"rope_scaling\": { \"type\": \"longrope\", \"short_factor\": [1, 1], \"long_factor\": [1, 0] }", "rope_scaling.long_factor", "0")]
    [InlineData("phi3", "\"head_dim\": 4, \"rope_scaling\": { \"type\": \"longrope\", \"short_factor\": [1, \"1\"], \"long_factor\": [1, 1] }", "rope_scaling.short_factor", "\"1\"")]
    [InlineData("phi3", "\"head_dim\": 4, \"rope_scaling\": { \"type\": \"longrope\", \"short_factor\": 1, \"long_factor\": [1, 1] }", "rope_scaling.short_factor", "an array")]
    [InlineData("phi3", "\"head_dim\": 4, \"original_max_position_embeddings\": 1, \"rope_scaling\": { \"type\": \"su\", \"short_factor\": [1, 1], \"long_factor\": [1, 1] }", "original_max_position_embeddings", "at least 2")]
    [InlineData("granite", "\"embedding_multiplier\": 0", "embedding_multiplier", "0")]
    [InlineData("granite", "\"attention_multiplier\": -1", "attention_multiplier", "-1")]
    [InlineData("granite", "\"residual_multiplier\": 1e99", "residual_multiplier", "1e99")]
    [InlineData("granite", "\"logits_scaling\": true", "logits_scaling", "true")]
    [InlineData("smollm3", "\"no_rope_layers\": [1, 1, 1]", "no_rope_layers", "36 layers")]
    [InlineData("smollm3", "\"num_hidden_layers\": 2, \"no_rope_layers\": [1, 2]", "no_rope_layers", "2")]
    [InlineData("smollm3", "\"num_hidden_layers\": 2, \"no_rope_layers\": [1, 0.5]", "no_rope_layers", "0.5")]
    [InlineData("smollm3", "\"num_hidden_layers\": 2, \"no_rope_layers\": \"none\"", "no_rope_layers", "\"none\"")]
    [InlineData("smollm3", "\"no_rope_layer_interval\": 0", "no_rope_layer_interval", "0")]
    [InlineData("smollm3", "\"num_hidden_layers\": 2, \"layer_types\": [\"full_attention\", \"sliding_attention\"]", "layer 1", "'sliding_window'")]
    public void Parse_WrongValue_NamesKeyAndWhatIsExpected(string modelType, string keys, string name, string value)
    {
        InvalidModelException exception = Assert.Throws<InvalidModelException>(() => Parse(modelType, keys));

        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
        Assert.Contains(value, exception.Message, StringComparison.Ordinal);
        Assert.Contains("expected", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_EachKeyOfEachGoldenModelWrong_IsAnErrorOfThisLibraryOrNone()
    {
        string[] values = ["null", "-1", "0", "1e400", "\"x\"", "[]", "[0.5, null]", "{}", "true", "{\"rope_type\":7}", "99999999999"];
        foreach (string folder in Directory.EnumerateDirectories(TestPaths.Golden))
        {
            string json = File.ReadAllText(Path.Combine(folder, "config.json"));
            foreach (string key in JsonNode.Parse(json)!.AsObject().Select(entry => entry.Key).Append("layer_types").Append("rope_parameters").Append("no_rope_layers"))
            {
                foreach (string value in values)
                {
                    JsonObject config = JsonNode.Parse(json)!.AsObject();
                    config.Remove(key);
                    string changed = config.ToJsonString()[..^1] + $", \"{key}\": {value}" + "}";
                    try
                    {
                        LlamaConfig.Parse(changed);
                    }
                    catch (InvalidModelException exception)
                    {
                        Assert.StartsWith("config.json", exception.Message, StringComparison.Ordinal);
                    }
                }
            }
        }
    }

    private static string Thetas(LlamaConfig config) => string.Join(' ', config.Rotary.Select(rotary => rotary?.Theta.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-"));

    private static LlamaConfig Parse(string modelType, params string[] keys) =>
        LlamaConfig.Parse($$"""{ {{string.Join(", ", keys.Where(key => key.Length > 0).Prepend($"\"model_type\": \"{modelType}\""))}} }""");
}
