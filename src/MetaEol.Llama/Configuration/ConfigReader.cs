using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Configuration;

/// <summary>Turns <c>config.json</c> into a <see cref="LlamaConfig"/>, with the defaults of transformers' configuration classes.</summary>
internal static class ConfigReader
{
    // Defaults that all four configuration classes of transformers share.
    private const int DefaultHiddenSize = 4096;
    private const int DefaultLayers = 32;
    private const int DefaultHeads = 32;
    private const int DefaultSlidingWindow = 4096;
    private const int DefaultMaxWindowLayers = 28;
    private const double DefaultEpsilon = 1e-6;

    // Far above any published model, and small enough that no product of two overflows.
    private const int MaximumWidth = 1 << 20;
    private const int MaximumVocabulary = 1 << 24;
    private const int MaximumLayers = 4096;
    private const int MaximumHeads = 1 << 14;
    private const int MaximumHeadDimension = 1 << 14;

    public static LlamaConfig Read(JsonSection root)
    {
        ModelFamily family = FindFamily(root);
        RejectUnsupported(root);

        int hidden = root.Integer("hidden_size", 1, MaximumWidth) ?? DefaultHiddenSize;
        int layers = root.Integer("num_hidden_layers", 1, MaximumLayers) ?? DefaultLayers;
        int heads = root.Integer("num_attention_heads", 1, MaximumHeads) ?? DefaultHeads;
        int keyValueHeads = ReadKeyValueHeads(root, family, heads);
        int headDimension = ReadHeadDimension(root, family, hidden, heads);
        int maxPositions = root.Integer("max_position_embeddings", 1) ?? family.MaxPositionEmbeddings;
        bool attentionBias = family.ReadsAttentionBias && (root.Flag("attention_bias") ?? false);
        (double theta, RopeScaling? scaling) = RopeReader.Read(root, maxPositions, headDimension);

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
            RmsNormEpsilon = root.Number("rms_norm_eps", 0, 1) ?? DefaultEpsilon,
            RopeTheta = theta,
            RopeScaling = scaling,
            MaxPositionEmbeddings = maxPositions,
            QueryKeyValueBias = attentionBias || family.AlwaysQueryKeyValueBias,
            AttentionOutputBias = attentionBias,
            MlpBias = family.ReadsMlpBias && (root.Flag("mlp_bias") ?? false),
            QueryKeyNorm = family.QueryKeyNorm,
            TieWordEmbeddings = root.Flag("tie_word_embeddings") ?? false,
            SlidingWindows = ReadWindows(root, family, layers),
        };
    }

    private static ModelFamily FindFamily(JsonSection root)
    {
        string[]? architectures = root.Texts("architectures");
        string? modelType = root.Text("model_type");
        if (architectures is null or [])
        {
            return ModelFamily.All.FirstOrDefault(family => family.ModelType == modelType)
                ?? throw (modelType is null
                    ? root.Missing("architectures", $"one of {ModelFamily.Supported}")
                    : root.Inconsistent($"model type {ModelFile.Quote(modelType)} is not supported; supported are {ModelFamily.Supported}."));
        }

        ModelFamily found = ModelFamily.All.FirstOrDefault(family => architectures.Any(name => Names(family, name)))
            ?? throw root.Inconsistent(
                $"architecture {ModelFile.Quote(string.Join(", ", architectures))} is not supported; supported are {ModelFamily.Supported}.");
        if (modelType is not null && modelType != found.ModelType)
        {
            throw root.Inconsistent(
                $"'model_type' is {ModelFile.Quote(modelType)} but 'architectures' names {found.Architecture}; expected '{found.ModelType}'.");
        }

        return found;
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

        string activation = root.Text("hidden_act") ?? "silu";
        if (activation is not ("silu" or "swish"))
        {
            throw root.Invalid("hidden_act", "'silu' or 'swish', the only activation that is supported");
        }

        if (root.Flag("is_causal") == false)
        {
            throw root.Invalid("is_causal", "true: only causal attention is supported");
        }
    }

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

    private static int?[] ReadWindows(JsonSection root, ModelFamily family, int layers)
    {
        int?[] windows = new int?[layers];
        switch (family.Windows)
        {
            case WindowRule.EveryLayer:
                Array.Fill(windows, ReadWindow(root));
                break;
            case WindowRule.ByLayer:
                int? window = (root.Flag("use_sliding_window") ?? false) ? ReadWindow(root) : null;
                FillByLayer(root, windows, window);
                break;
        }

        return windows;
    }

    private static int? ReadWindow(JsonSection root) =>
        root.Has("sliding_window") ? root.Integer("sliding_window", 1) : DefaultSlidingWindow;

    private static void FillByLayer(JsonSection root, int?[] windows, int? window)
    {
        if (root.Texts("layer_types") is not { } types)
        {
            int first = root.Integer("max_window_layers", 0) ?? DefaultMaxWindowLayers;
            for (int layer = first; layer < windows.Length; layer++)
            {
                windows[layer] = window;
            }

            return;
        }

        if (types.Length != windows.Length)
        {
            throw root.Inconsistent($"'layer_types' has {types.Length} entries; expected one for each of the {windows.Length} layers.");
        }

        for (int layer = 0; layer < windows.Length; layer++)
        {
            windows[layer] = types[layer] switch
            {
                "full_attention" => null,
                "sliding_attention" => window ?? throw root.Inconsistent(
                    $"'layer_types' gives layer {layer} a sliding window, but there is none; expected 'use_sliding_window' true and a number in 'sliding_window'."),
                string other => throw root.Inconsistent(
                    $"'layer_types' gives layer {layer} the type {ModelFile.Quote(other)}; expected 'full_attention' or 'sliding_attention'."),
            };
        }
    }
}
