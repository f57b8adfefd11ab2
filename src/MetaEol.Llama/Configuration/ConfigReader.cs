using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Configuration;

/// <summary>Turns <c>config.json</c> into a <see cref="LlamaConfig"/>, with the defaults of transformers' configuration classes.</summary>
internal static class ConfigReader
{
    // Far above any published model, and small enough that no product of two overflows.
    private const int MaximumWidth = 1 << 20;
    private const int MaximumVocabulary = 1 << 24;
    private const int MaximumLayers = 4096;
    private const int MaximumHeads = 1 << 14;
    private const int MaximumHeadDimension = 1 << 14;

    // Multipliers, scalars and caps: published ones lie between 0.001 and 1,000.
    private const double MinimumScale = 1e-6;
    private const double MaximumScale = 1e6;

    public static LlamaConfig Read(JsonSection root)
    {
        ModelFamily family = FindFamily(root);
        RejectUnsupported(root);

        int hidden = root.Integer("hidden_size", 1, MaximumWidth) ?? family.HiddenSize;
        int layers = root.Integer("num_hidden_layers", 1, MaximumLayers) ?? family.LayerCount;
        int heads = root.Integer("num_attention_heads", 1, MaximumHeads) ?? family.AttentionHeads;
        int keyValueHeads = ReadKeyValueHeads(root, family, heads);
        int headDimension = ReadHeadDimension(root, family, hidden, heads);
        int maxPositions = root.Integer("max_position_embeddings", 1) ?? family.MaxPositionEmbeddings;
        bool attentionBias = family.ReadsAttentionBias && (root.Flag("attention_bias") ?? false);
        bool[] hasRotary = RopeReader.ReadLayersWithRotary(root, family, layers);
        int?[] windows = WindowReader.Read(root, family, hasRotary);

        return new LlamaConfig
        {
            Architecture = family.Architecture,
            VocabularySize = root.Integer("vocab_size", 1, MaximumVocabulary) ?? family.VocabularySize,
            HiddenSize = hidden,
            IntermediateSize = root.Integer("intermediate_size", 1, MaximumWidth) ?? family.IntermediateSize,
            LayerCount = layers,
            AttentionHeads = heads,
            KeyValueHeads = keyValueHeads,
            HeadDimension = headDimension,
            RmsNormEpsilon = root.Number("rms_norm_eps", 0, 1) ?? family.RmsNormEpsilon,
            Rotary = RopeReader.Read(root, family, maxPositions, headDimension, hasRotary, windows),
            MaxPositionEmbeddings = maxPositions,
            QueryKeyValueBias = attentionBias || family.AlwaysQueryKeyValueBias,
            AttentionOutputBias = attentionBias,
            MlpBias = family.ReadsMlpBias && (root.Flag("mlp_bias") ?? false),
            FusedProjections = family.FusedProjections,
            QueryKeyNorm = family.QueryKeyNorm,
            NormPlacement = family.Norms,
            NormOffset = family.NormOffset,
            Activation = ReadActivation(root, family),
            EmbeddingScale = family.ScalesEmbeddingByWidth ? Math.Sqrt(hidden) : ReadMultiplier(root, family, "embedding_multiplier"),
            ScoreScale = ReadScoreScale(root, family, headDimension),
            AttentionSoftCap = family.AttentionSoftCap is null ? null : ReadSoftCap(root, "attn_logit_softcapping", family.AttentionSoftCap),
            ResidualScale = ReadMultiplier(root, family, "residual_multiplier"),
            LogitsScale = ReadMultiplier(root, family, "logits_scaling"),
            FinalLogitSoftCap = family.ReadsFinalLogitSoftCap ? ReadSoftCap(root, "final_logit_softcapping", family.FinalLogitSoftCap) : null,
            TieWordEmbeddings = root.Flag("tie_word_embeddings") ?? family.TieWordEmbeddings,
            SlidingWindows = windows,
        };
    }

    private static ModelFamily FindFamily(JsonSection root)
    {
        string[]? architectures = root.Texts("architectures");
        string? modelType = root.Text("model_type");
        if (modelType is not null)
        {
            // Hugging Face loads by model_type, whatever architectures says.
            string names = architectures is null or [] ? "" : $" ({ModelFile.Quote(string.Join(", ", architectures))})";
            return ModelFamily.All.FirstOrDefault(family => family.ModelType == modelType)
                ?? throw root.Inconsistent($"model type {ModelFile.Quote(modelType)}{names} is not supported; supported are {ModelFamily.Supported}.");
        }

        return architectures is null or []
            ? throw root.Missing("model_type", $"the type of one of {ModelFamily.Supported}, or one of these names in 'architectures'")
            : ModelFamily.All.FirstOrDefault(family => architectures.Any(name => Names(family, name)))
                ?? throw root.Inconsistent($"architecture {ModelFile.Quote(string.Join(", ", architectures))} is not supported; supported are {ModelFamily.Supported}.");
    }

    // The first LLaMA conversions were saved as LLaMAForCausalLM.
    private static bool Names(ModelFamily family, string name) =>
        name.Equals(family.Architecture, StringComparison.OrdinalIgnoreCase) || name.Equals(family.BaseArchitecture, StringComparison.OrdinalIgnoreCase);

    private static void RejectUnsupported(JsonSection root)
    {
        foreach (string key in (ReadOnlySpan<string>)["quantization_config", "compression_config"])
        {
            if (root.Section(key) is { } quantization)
            {
                string method = ModelFile.Quote(quantization.Text("quant_method") ?? quantization.Text("format") ?? "unknown");
                throw root.Inconsistent(
                    $"'{key}' asks for quantized weights ({method}), which are not supported; use a checkpoint with F32, F16 or BF16 weights.");
            }
        }

        if (root.Flag("is_causal") == false)
        {
            throw root.Invalid("is_causal", "true: only causal attention is supported");
        }

        if (root.Flag("use_bidirectional_attention") == true)
        {
            throw root.Invalid("use_bidirectional_attention", "false: only causal attention is supported");
        }
    }

    private static Activation ReadActivation(JsonSection root, ModelFamily family) => root.Text(family.ActivationKey) switch
    {
        null => family.Activation,
        "silu" or "swish" => Activation.Silu,
        "gelu_pytorch_tanh" or "gelu_new" => Activation.GeluTanh,
        _ => throw root.Invalid(family.ActivationKey, "'silu', 'swish', 'gelu_pytorch_tanh' or 'gelu_new'"),
    };

    private static double ReadScoreScale(JsonSection root, ModelFamily family, int headDimension) =>
        family.ReadsMultipliers ? ReadMultiplier(root, family, "attention_multiplier")
        : family.QueryPreAttentionScalar is { } scalar ? 1 / Math.Sqrt(root.Number("query_pre_attn_scalar", MinimumScale, MaximumScale) ?? scalar)
        : 1 / Math.Sqrt(headDimension);

    private static double ReadMultiplier(JsonSection root, ModelFamily family, string key) =>
        family.ReadsMultipliers ? root.Number(key, MinimumScale, MaximumScale) ?? 1 : 1;

    // Missing and null differ: null means no cap.
    private static double? ReadSoftCap(JsonSection root, string key, double? missing) =>
        root.Has(key) ? root.Number(key, MinimumScale, MaximumScale) : missing;

    private static int ReadKeyValueHeads(JsonSection root, ModelFamily family, int heads)
    {
        const string Key = "num_key_value_heads";
        // Missing and null differ: null means multi-head attention in every family.
        int count = root.Integer(Key, 1, heads) ?? (root.Has(Key) ? heads : family.KeyValueHeads ?? heads);
        return heads % count == 0 ? count : throw root.Inconsistent(
            $"'num_attention_heads' is {heads} and '{Key}' is {count}{(root.HasValue(Key) ? "" : " (the default)")}; expected key/value heads that divide the heads.");
    }

    private static int ReadHeadDimension(JsonSection root, ModelFamily family, int hidden, int heads)
    {
        const string Key = "head_dim";
        int? dimension = root.Integer(Key, 2, MaximumHeadDimension) ?? (root.Has(Key) ? null : family.HeadDimension);
        if (dimension is null && hidden % heads != 0)
        {
            throw root.Inconsistent(
                $"'hidden_size' is {hidden}, no multiple of 'num_attention_heads' {heads}; expected a multiple, or an explicit '{Key}'.");
        }

        int result = dimension ?? (hidden / heads);
        if (result % 2 != 0)
        {
            throw root.Inconsistent($"the head size ('{Key}', or 'hidden_size' / 'num_attention_heads') is {result}; expected an even number from 2 to {MaximumHeadDimension}.");
        }

        return heads * (long)result <= MaximumWidth ? result : throw root.Inconsistent(
            $"'num_attention_heads' {heads} times head size {result} is more than {MaximumWidth}.");
    }
}
