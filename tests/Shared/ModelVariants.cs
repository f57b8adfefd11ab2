namespace MetaEol.Tests;

/// <summary>Random models with shapes and options that no golden model has; each encoder is held against a reference on all of them.</summary>
/// <remarks>Their windows, contexts and original contexts are shorter than <see cref="LongestPrompt"/>, so that every option decides about some prompt.</remarks>
internal static class ModelVariants
{
    /// <summary>Tokens of the longest prompt to run on them.</summary>
    public const int LongestPrompt = 100;

    private const string FourPairs = """{ "type": "longrope", "short_factor": [1.0, 1.1, 1.3, 2.0], "long_factor": [1.2, 2.0, 4.5, 9.0] }""";

    public static IReadOnlyDictionary<string, RandomModel> All { get; } = new Dictionary<string, RandomModel>
    {
        ["biases everywhere"] = new() { AttentionBias = true, MlpBias = true },
        ["mixed number types"] = new() { Type = "BF16", VectorType = "F32" },
        ["base model's names"] = new() { Prefix = "" },
        ["one head of keys for eight of queries"] = new() { AttentionHeads = 8, KeyValueHeads = 1, HeadDimension = 16 },
        ["heads wider than hidden"] = new() { HeadDimension = 48, AttentionHeads = 4, KeyValueHeads = 4 },
        ["one layer"] = new() { LayerCount = 1 },
        ["llama, yarn"] = new() { MaxPositionEmbeddings = 256, RopeScaling = """{ "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64 }""" },
        ["llama, longrope"] = new() { MaxPositionEmbeddings = 64, Keys = $$"""{ "head_dim": 8, "original_max_position_embeddings": 20, "rope_scaling": {{FourPairs}} }""", HeadDimension = 8 },
        ["llama, GELU"] = new() { Keys = """{ "hidden_act": "gelu_pytorch_tanh" }""" },
        ["qwen2, window in the upper layers"] = new() { Architecture = "Qwen2ForCausalLM", SlidingWindow = 11, MaxWindowLayers = 2 },
        ["gemma2, its defaults"] = new() { Architecture = "Gemma2ForCausalLM", HeadDimension = 20, HiddenSize = 72 },
        ["gemma2, window and low caps"] = new()
        {
            Architecture = "Gemma2ForCausalLM",
            SlidingWindow = 9,
            AttentionBias = true,
            Type = "F16",
            Keys = """{ "query_pre_attn_scalar": 7, "attn_logit_softcapping": 1.5, "final_logit_softcapping": 2 }""",
        },
        ["gemma2, layer_types and no caps"] = new()
        {
            Architecture = "Gemma2ForCausalLM",
            SlidingWindow = 13,
            Keys = """{ "layer_types": ["full_attention", "sliding_attention", "sliding_attention", "full_attention"], "attn_logit_softcapping": null, "final_logit_softcapping": null }""",
        },
        ["gemma3, pattern of two, no scaling"] = new()
        {
            Architecture = "Gemma3ForCausalLM",
            SlidingWindow = 10,
            AttentionHeads = 6,
            KeyValueHeads = 3,
            HeadDimension = 12,
            Keys = """{ "sliding_window_pattern": 2, "rope_local_base_freq": 300, "query_pre_attn_scalar": 30 }""",
        },
        ["gemma3, scaling of both kinds of layers"] = new()
        {
            Architecture = "Gemma3ForCausalLM",
            SlidingWindow = 21,
            AttentionBias = true,
            Keys = """
                {
                  "layer_types": ["sliding_attention", "full_attention", "full_attention", "sliding_attention"],
                  "rope_parameters": {
                    "full_attention": { "rope_type": "yarn", "factor": 8, "original_max_position_embeddings": 16, "rope_theta": 50000 },
                    "sliding_attention": { "rope_type": "linear", "factor": 3, "rope_theta": 700 }
                  }
                }
                """,
        },
        ["gemma3, dynamic scaling of some layers"] = new()
        {
            Architecture = "Gemma3ForCausalLM",
            SlidingWindow = 30,
            MaxPositionEmbeddings = 40,
            Keys = """{ "sliding_window_pattern": 3, "rope_scaling": { "rope_type": "dynamic", "factor": 4 } }""",
        },
        ["phi3, partial rotary embedding with longrope"] = new()
        {
            Architecture = "Phi3ForCausalLM",
            SlidingWindow = 50,
            MaxPositionEmbeddings = 128,
            Keys = $$"""{ "partial_rotary_factor": 0.5, "original_max_position_embeddings": 16, "rope_scaling": {{FourPairs}} }""",
        },
        ["phi3, an odd number of rotated dimensions"] = new() { Architecture = "Phi3ForCausalLM", KeyValueHeads = 1, IntermediateSize = 70, Type = "BF16", Keys = """{ "partial_rotary_factor": 0.7 }""" },
        ["phi3, as plain as llama"] = new() { Architecture = "Phi3ForCausalLM", KeyValueHeads = 4, HiddenSize = 48 },
        ["granite, all multipliers and biases"] = new()
        {
            Architecture = "GraniteForCausalLM",
            AttentionBias = true,
            MlpBias = true,
            Keys = """{ "embedding_multiplier": 3.5, "attention_multiplier": 0.4, "residual_multiplier": 0.7, "logits_scaling": 5 }""",
        },
        ["granite, its defaults"] = new() { Architecture = "GraniteForCausalLM" },
        ["olmo2, biases and shared key heads"] = new() { Architecture = "Olmo2ForCausalLM", AttentionBias = true, AttentionHeads = 6, KeyValueHeads = 2, HeadDimension = 10, HiddenSize = 60 },
        ["olmo2, linear scaling"] = new() { Architecture = "Olmo2ForCausalLM", RopeScaling = """{ "type": "linear", "factor": 2.5 }""", Type = "F16" },
        ["smollm3, window in the layers without positions"] = new()
        {
            Architecture = "SmolLM3ForCausalLM",
            SlidingWindow = 12,
            AttentionBias = true,
            MlpBias = true,
            LayerCount = 5,
            Keys = """{ "use_sliding_window": true, "no_rope_layer_interval": 2 }""",
        },
        ["smollm3, list of layers and yarn"] = new()
        {
            Architecture = "SmolLM3ForCausalLM",
            MaxPositionEmbeddings = 256,
            RopeScaling = """{ "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32 }""",
            Keys = """{ "no_rope_layers": [0, 1, 1, 0] }""",
        },
    };
}
