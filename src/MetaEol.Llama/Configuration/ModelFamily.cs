namespace MetaEol.Llama.Configuration;

/// <summary>What sets one architecture apart: the defaults of Hugging Face's configuration class and the parts its layers have.</summary>
internal sealed record ModelFamily
{
    /// <summary>The supported architectures.</summary>
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
        },
        new()
        {
            BaseName = "Qwen2",
            VocabularySize = 151936,
            IntermediateSize = 22016,
            MaxPositionEmbeddings = 32768,
            KeyValueHeads = 32,
            AlwaysQueryKeyValueBias = true,
            Windows = WindowRule.ByLayer,
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
            QueryKeyNorm = true,
            Windows = WindowRule.ByLayer,
        },
    ];

    public required string BaseName { get; init; }

    /// <summary>The architecture's canonical name, for example <c>LlamaForCausalLM</c>.</summary>
    public string Architecture => BaseName + "ForCausalLM";

    /// <summary>The name of the decoder without a head, for example <c>LlamaModel</c>.</summary>
    public string BaseArchitecture => BaseName + "Model";

    /// <summary>The value of <c>model_type</c>.</summary>
    public string ModelType => BaseName.ToLowerInvariant();

    public required int VocabularySize { get; init; }

    public required int IntermediateSize { get; init; }

    public required int MaxPositionEmbeddings { get; init; }

    /// <summary>Key/value heads where the key is missing; null means as many as query heads.</summary>
    public int? KeyValueHeads { get; init; }

    /// <summary>Head size where the key is missing; null means hidden size / heads.</summary>
    public int? HeadDimension { get; init; }

    public bool ReadsAttentionBias { get; init; }

    public bool ReadsMlpBias { get; init; }

    public bool AlwaysQueryKeyValueBias { get; init; }

    public bool QueryKeyNorm { get; init; }

    public WindowRule Windows { get; init; }

    /// <summary>The supported architectures, for messages.</summary>
    public static string Supported => string.Join(", ", All.Select(family => family.Architecture));
}
