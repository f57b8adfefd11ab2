using System.Text.Json.Nodes;

namespace MetaEol.Tests;

/// <summary>A seeded random model folder (configuration and weights, no tokenizer) for tests of properties and for benchmarks.</summary>
/// <remarks>
/// Each tensor depends on <see cref="Seed"/> and its own name only. Projections have a standard deviation of 1/√inputs, so that hidden states stay of
/// order one whatever the sizes.
/// </remarks>
internal sealed record RandomModel
{
    /// <summary>The architecture of a supported family, for example LlamaForCausalLM.</summary>
    public string Architecture { get; init; } = "LlamaForCausalLM";

    public int VocabularySize { get; init; } = 320;

    public int HiddenSize { get; init; } = 64;

    public int IntermediateSize { get; init; } = 172;

    public int LayerCount { get; init; } = 4;

    public int AttentionHeads { get; init; } = 4;

    public int KeyValueHeads { get; init; } = 2;

    /// <summary>Width of a head; null means hidden size / heads.</summary>
    public int? HeadDimension { get; init; }

    public double RmsNormEpsilon { get; init; } = 1e-5;

    public double RopeTheta { get; init; } = 10000;

    public int MaxPositionEmbeddings { get; init; } = 2048;

    /// <summary>Value of <c>rope_scaling</c> as JSON, or null.</summary>
    public string? RopeScaling { get; init; }

    /// <summary>Sliding window in tokens; for Qwen models it holds in layers from <see cref="MaxWindowLayers"/> on. Null means none; for the Gemmas, whose default it is then, 4096.</summary>
    public int? SlidingWindow { get; init; }

    public int MaxWindowLayers { get; init; }

    /// <summary>Value of <c>attention_bias</c>; Mistral and Phi-3 do not read it. Qwen2 always has a bias on queries, keys and values.</summary>
    public bool AttentionBias { get; init; }

    /// <summary>Value of <c>mlp_bias</c> (Llama, Granite, SmolLM3).</summary>
    public bool MlpBias { get; init; }

    public bool TieWordEmbeddings { get; init; }

    /// <summary>Further keys of the configuration, as a JSON object; they replace those that follow from the other properties.</summary>
    public string Keys { get; init; } = "{}";

    /// <summary>F32, F16 or BF16.</summary>
    public string Type { get; init; } = "F32";

    /// <summary>Type of norms and biases where it differs from <see cref="Type"/>.</summary>
    public string? VectorType { get; init; }

    /// <summary>What the tensors' names begin with: <c>model.</c>, or nothing as base models are saved.</summary>
    public string Prefix { get; init; } = "model.";

    public int Seed { get; init; } = 1;

    private bool IsGemma => Architecture.StartsWith("Gemma", StringComparison.Ordinal);

    private int HeadSize => HeadDimension ?? (HiddenSize / AttentionHeads);

    /// <summary>Writes <c>config.json</c> and <c>model.safetensors</c> into <paramref name="folder"/>, which is created if need be.</summary>
    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), CreateConfig().ToJsonString());
        CreateWeights().Write(Path.Combine(folder, "model.safetensors"));
    }

    /// <summary>The content of <c>config.json</c>.</summary>
    public JsonObject CreateConfig()
    {
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray(Architecture),
            ["model_type"] = Architecture == "Gemma3ForCausalLM" ? "gemma3_text" : Architecture.Replace("ForCausalLM", "", StringComparison.Ordinal).ToLowerInvariant(),
            ["hidden_act"] = "silu",
            ["vocab_size"] = VocabularySize,
            ["hidden_size"] = HiddenSize,
            ["intermediate_size"] = IntermediateSize,
            ["num_hidden_layers"] = LayerCount,
            ["num_attention_heads"] = AttentionHeads,
            ["num_key_value_heads"] = KeyValueHeads,
            ["head_dim"] = HeadSize,
            ["rms_norm_eps"] = RmsNormEpsilon,
            ["rope_theta"] = RopeTheta,
            ["rope_scaling"] = RopeScaling is null ? null : JsonNode.Parse(RopeScaling),
            ["max_position_embeddings"] = MaxPositionEmbeddings,
            ["sliding_window"] = SlidingWindow,
            ["tie_word_embeddings"] = TieWordEmbeddings,
            ["attention_bias"] = AttentionBias,
            ["mlp_bias"] = MlpBias,
        };
        if (Architecture.StartsWith("Qwen", StringComparison.Ordinal))
        {
            config["use_sliding_window"] = SlidingWindow is not null;
            config["max_window_layers"] = MaxWindowLayers;
        }

        if (IsGemma && SlidingWindow is null)
        {
            config.Remove("sliding_window");
        }

        foreach ((string key, JsonNode? value) in JsonNode.Parse(Keys)!.AsObject())
        {
            config[key] = value?.DeepClone();
        }

        return config;
    }

    /// <summary>The content of <c>model.safetensors</c>, to be written as it is or changed first.</summary>
    public SafetensorsWriter CreateWeights()
    {
        bool qwen2 = Architecture == "Qwen2ForCausalLM", fused = Architecture == "Phi3ForCausalLM", normsAfterOnly = Architecture == "Olmo2ForCausalLM";
        bool attentionBias = AttentionBias && Architecture is not ("MistralForCausalLM" or "Qwen2ForCausalLM" or "Phi3ForCausalLM");
        bool mlpBias = MlpBias && Architecture is "LlamaForCausalLM" or "GraniteForCausalLM" or "SmolLM3ForCausalLM";
        int queries = AttentionHeads * HeadSize, keys = KeyValueHeads * HeadSize;

        var writer = new SafetensorsWriter();
        AddMatrix(writer, $"{Prefix}embed_tokens.weight", VocabularySize, HiddenSize, IsGemma ? 1 / Math.Sqrt(HiddenSize) : 1);
        for (int layer = 0; layer < LayerCount; layer++)
        {
            string name = $"{Prefix}layers.{layer}.";
            if (!normsAfterOnly)
            {
                AddNorm(writer, $"{name}input_layernorm.weight", HiddenSize);
            }

            AddNorm(writer, $"{name}post_attention_layernorm.weight", HiddenSize);
            if (IsGemma)
            {
                AddNorm(writer, $"{name}pre_feedforward_layernorm.weight", HiddenSize);
            }

            if (IsGemma || normsAfterOnly)
            {
                AddNorm(writer, $"{name}post_feedforward_layernorm.weight", HiddenSize);
            }

            if (fused)
            {
                AddProjection(writer, $"{name}self_attn.qkv_proj", queries + (2 * keys), HiddenSize, false);
            }
            else
            {
                AddProjection(writer, $"{name}self_attn.q_proj", queries, HiddenSize, attentionBias || qwen2);
                AddProjection(writer, $"{name}self_attn.k_proj", keys, HiddenSize, attentionBias || qwen2);
                AddProjection(writer, $"{name}self_attn.v_proj", keys, HiddenSize, attentionBias || qwen2);
            }

            AddProjection(writer, $"{name}self_attn.o_proj", HiddenSize, queries, attentionBias);
            if (Architecture is "Qwen3ForCausalLM" or "Gemma3ForCausalLM" or "Olmo2ForCausalLM")
            {
                AddNorm(writer, $"{name}self_attn.q_norm.weight", normsAfterOnly ? queries : HeadSize);
                AddNorm(writer, $"{name}self_attn.k_norm.weight", normsAfterOnly ? keys : HeadSize);
            }

            if (fused)
            {
                AddProjection(writer, $"{name}mlp.gate_up_proj", 2 * IntermediateSize, HiddenSize, false);
            }
            else
            {
                AddProjection(writer, $"{name}mlp.gate_proj", IntermediateSize, HiddenSize, mlpBias);
                AddProjection(writer, $"{name}mlp.up_proj", IntermediateSize, HiddenSize, mlpBias);
            }

            AddProjection(writer, $"{name}mlp.down_proj", HiddenSize, IntermediateSize, mlpBias);
        }

        AddNorm(writer, $"{Prefix}norm.weight", HiddenSize);
        if (!TieWordEmbeddings)
        {
            AddMatrix(writer, "lm_head.weight", VocabularySize, HiddenSize, 1 / Math.Sqrt(HiddenSize));
        }

        return writer;
    }

    private void AddProjection(SafetensorsWriter writer, string name, int outputs, int inputs, bool bias)
    {
        AddMatrix(writer, $"{name}.weight", outputs, inputs, 1 / Math.Sqrt(inputs));
        if (bias)
        {
            writer.Add($"{name}.bias", VectorType ?? Type, [outputs], Uniform($"{name}.bias", 0, 0.1));
        }
    }

    private void AddMatrix(SafetensorsWriter writer, string name, int rows, int columns, double deviation) =>
        writer.Add(name, Type, [rows, columns], Uniform(name, 0, deviation));

    private void AddNorm(SafetensorsWriter writer, string name, int size) =>
        writer.Add(name, VectorType ?? Type, [size], Uniform(name, IsGemma ? 0 : 1, 0.1));

    // xorshift64*: a billion parameters in seconds, and the same on every platform and runtime.
    private Func<float> Uniform(string name, double mean, double deviation)
    {
        ulong state = 14695981039346656037UL ^ ((ulong)(uint)Seed << 32);
        foreach (char letter in name)
        {
            state = (state ^ letter) * 1099511628211UL;
        }

        state |= 1;
        float centre = (float)mean, width = (float)(2 * Math.Sqrt(3) * deviation);
        return () =>
        {
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            return centre + (width * (((state * 2685821657736338717UL) >> 40) / 16777216f - 0.5f));
        };
    }
}
