namespace MetaEol.Llama.Configuration;

/// <summary>
/// What sets one family apart: the defaults of its Hugging Face configuration class (transformers 4.57.1), which keys that class reads, and the parts its
/// layers have. What is not said here is as in Llama.
/// </summary>
internal sealed record ModelFamily
{
    /// <summary>The supported families.</summary>
    public static readonly IReadOnlyList<ModelFamily> All =
    [
        new()
        {
            BaseName = "Llama",
            VocabularySize = 32000,
            IntermediateSize = 11008,
            MaxPositionEmbeddings = 2048,
            ReadsAttentionBias = true,
            ReadsMlpBias = true,
        },
        new()
        {
            BaseName = "Mistral",
            VocabularySize = 32000,
            IntermediateSize = 14336,
            MaxPositionEmbeddings = 131072,
            KeyValueHeads = 8,
            Windows = WindowRule.EveryLayer,
            SlidingWindow = 4096,
        },
        new()
        {
            BaseName = "Qwen2",
            VocabularySize = 151936,
            IntermediateSize = 22016,
            MaxPositionEmbeddings = 32768,
            KeyValueHeads = 32,
            AlwaysQueryKeyValueBias = true,
            Windows = WindowRule.UpperLayers,
            SlidingWindow = 4096,
        },
        new()
        {
            BaseName = "Qwen3",
            VocabularySize = 151936,
            IntermediateSize = 22016,
            MaxPositionEmbeddings = 32768,
            KeyValueHeads = 32,
            HeadDimension = 128,
            ReadsAttentionBias = true,
            QueryKeyNorm = QueryKeyNorm.PerHead,
            Windows = WindowRule.UpperLayers,
            SlidingWindow = 4096,
        },
        new()
        {
            BaseName = "Gemma2",
            VocabularySize = 256000,
            HiddenSize = 2304,
            IntermediateSize = 9216,
            LayerCount = 26,
            AttentionHeads = 8,
            KeyValueHeads = 4,
            HeadDimension = 256,
            MaxPositionEmbeddings = 8192,
            TieWordEmbeddings = true,
            ReadsAttentionBias = true,
            ActivationKey = "hidden_activation",
            Activation = Activation.GeluTanh,
            Norms = NormPlacement.Around,
            NormOffset = 1,
            ScalesEmbeddingByWidth = true,
            QueryPreAttentionScalar = 256,
            AttentionSoftCap = 50,
            ReadsFinalLogitSoftCap = true,
            FinalLogitSoftCap = 30,
            Windows = WindowRule.EverySecondLayer,
            SlidingWindow = 4096,
        },
        new()
        {
            BaseName = "Gemma3",
            BaseArchitecture = "Gemma3TextModel",
            ModelType = "gemma3_text",
            VocabularySize = 262208,
            HiddenSize = 2304,
            IntermediateSize = 9216,
            LayerCount = 26,
            AttentionHeads = 8,
            KeyValueHeads = 4,
            HeadDimension = 256,
            MaxPositionEmbeddings = 131072,
            RopeTheta = 1_000_000,
            SlidingRopeTheta = 10_000,
            TieWordEmbeddings = true,
            ReadsAttentionBias = true,
            ActivationKey = "hidden_activation",
            Activation = Activation.GeluTanh,
            Norms = NormPlacement.Around,
            NormOffset = 1,
            QueryKeyNorm = QueryKeyNorm.PerHead,
            ScalesEmbeddingByWidth = true,
            QueryPreAttentionScalar = 256,
            ReadsFinalLogitSoftCap = true,
            Windows = WindowRule.AllButEveryNthLayer,
            SlidingWindow = 4096,
        },
        new()
        {
            BaseName = "Phi3",
            VocabularySize = 32064,
            HiddenSize = 3072,
            IntermediateSize = 8192,
            MaxPositionEmbeddings = 4096,
            OriginalMaxPositionEmbeddings = 4096,
            RmsNormEpsilon = 1e-5,
            FusedProjections = true,
            PartialLongRope = true,
            Windows = WindowRule.EveryLayer,
        },
        new()
        {
            BaseName = "Granite",
            VocabularySize = 32000,
            IntermediateSize = 11008,
            MaxPositionEmbeddings = 2048,
            ReadsAttentionBias = true,
            ReadsMlpBias = true,
            ReadsMultipliers = true,
        },
        new()
        {
            BaseName = "Olmo2",
            VocabularySize = 50304,
            IntermediateSize = 11008,
            MaxPositionEmbeddings = 2048,
            RmsNormEpsilon = 1e-5,
            ReadsAttentionBias = true,
            Norms = NormPlacement.After,
            QueryKeyNorm = QueryKeyNorm.FullWidth,
        },
        new()
        {
            BaseName = "SmolLM3",
            VocabularySize = 128256,
            HiddenSize = 2048,
            IntermediateSize = 11008,
            LayerCount = 36,
            AttentionHeads = 16,
            KeyValueHeads = 4,
            MaxPositionEmbeddings = 32768,
            RopeTheta = 2_000_000,
            TieWordEmbeddings = true,
            ReadsAttentionBias = true,
            ReadsMlpBias = true,
            ReadsNoRopeLayers = true,
            Windows = WindowRule.LayersWithoutRotary,
        },
    ];

    public required string BaseName { get; init; }

    /// <summary>The architecture's canonical name, for example <c>LlamaForCausalLM</c>.</summary>
    public string Architecture => BaseName + "ForCausalLM";

    /// <summary>The name of the decoder without a head, for example <c>LlamaModel</c>.</summary>
    public string BaseArchitecture { get => field ?? BaseName + "Model"; init; }

    /// <summary>The value of <c>model_type</c>.</summary>
    public string ModelType { get => field ?? BaseName.ToLowerInvariant(); init; }

    public required int VocabularySize { get; init; }

    public int HiddenSize { get; init; } = 4096;

    public required int IntermediateSize { get; init; }

    public int LayerCount { get; init; } = 32;

    public int AttentionHeads { get; init; } = 32;

    /// <summary>Key/value heads where the key is missing; null means as many as query heads.</summary>
    public int? KeyValueHeads { get; init; }

    /// <summary>Head size where the key is missing; null means hidden size / heads.</summary>
    public int? HeadDimension { get; init; }

    public required int MaxPositionEmbeddings { get; init; }

    /// <summary>The context of pre-training where the key is missing, for the families whose class has it.</summary>
    public int? OriginalMaxPositionEmbeddings { get; init; }

    public double RmsNormEpsilon { get; init; } = 1e-6;

    public double RopeTheta { get; init; } = 10_000;

    /// <summary>The rotary base of layers with a sliding window where the key is missing; null for the families whose layers all have the same.</summary>
    public double? SlidingRopeTheta { get; init; }

    /// <summary>Whether a part of a head may be rotated, and the only rotary scaling is LongRoPE, whose older names are <c>su</c> and <c>yarn</c>.</summary>
    public bool PartialLongRope { get; init; }

    /// <summary>Whether some layers have no rotary embedding (<c>no_rope_layers</c>, <c>no_rope_layer_interval</c>).</summary>
    public bool ReadsNoRopeLayers { get; init; }

    public bool TieWordEmbeddings { get; init; }

    public bool ReadsAttentionBias { get; init; }

    public bool ReadsMlpBias { get; init; }

    public bool AlwaysQueryKeyValueBias { get; init; }

    public bool FusedProjections { get; init; }

    public string ActivationKey { get; init; } = "hidden_act";

    public Activation Activation { get; init; } = Activation.Silu;

    public NormPlacement Norms { get; init; }

    public float NormOffset { get; init; }

    public QueryKeyNorm QueryKeyNorm { get; init; }

    /// <summary>Whether embeddings are multiplied by √hidden.</summary>
    public bool ScalesEmbeddingByWidth { get; init; }

    /// <summary><c>query_pre_attn_scalar</c> where the key is missing; null for the families whose scores are scaled by 1/√head_dim or by <see cref="ReadsMultipliers"/>.</summary>
    public double? QueryPreAttentionScalar { get; init; }

    /// <summary>Whether embeddings, scores, residuals and logits have Granite's multipliers, each 1 where its key is missing.</summary>
    public bool ReadsMultipliers { get; init; }

    /// <summary><c>attn_logit_softcapping</c> where the key is missing; null for the families that do not read it.</summary>
    public double? AttentionSoftCap { get; init; }

    public bool ReadsFinalLogitSoftCap { get; init; }

    /// <summary><c>final_logit_softcapping</c> where the key is missing; null for none.</summary>
    public double? FinalLogitSoftCap { get; init; }

    public WindowRule Windows { get; init; }

    /// <summary><c>sliding_window</c> where the key is missing; null for none.</summary>
    public int? SlidingWindow { get; init; }

    /// <summary>The supported architectures, for messages.</summary>
    public static string Supported => string.Join(", ", All.Select(family => family.Architecture));
}
