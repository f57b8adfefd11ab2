using System.Text.Json;
using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Configuration;

/// <summary>A LLaMA-family model's configuration, read from <c>config.json</c>, with the defaults of its architecture filled in.</summary>
public sealed record LlamaConfig
{
    /// <summary>The architecture, for example <c>LlamaForCausalLM</c> (config key <c>architectures</c>).</summary>
    public required string Architecture { get; init; }

    /// <summary>Number of token ids (<c>vocab_size</c>).</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of a hidden state (<c>hidden_size</c>).</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of the MLP (<c>intermediate_size</c>).</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of decoder layers (<c>num_hidden_layers</c>); <c>hidden_states</c> has one entry more.</summary>
    public required int LayerCount { get; init; }

    /// <summary>Number of query heads (<c>num_attention_heads</c>).</summary>
    public required int AttentionHeads { get; init; }

    /// <summary>Number of key/value heads (<c>num_key_value_heads</c>); divides <see cref="AttentionHeads"/>.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Width of one head (<c>head_dim</c>); even; need not be <see cref="HiddenSize"/> / <see cref="AttentionHeads"/>.</summary>
    public required int HeadDimension { get; init; }

    /// <summary>Added to the mean square in every RMS norm (<c>rms_norm_eps</c>).</summary>
    public required double RmsNormEpsilon { get; init; }

    /// <summary>Base of the rotary frequencies (<c>rope_theta</c>).</summary>
    public required double RopeTheta { get; init; }

    /// <summary>Rotary scaling (<c>rope_scaling</c> or <c>rope_parameters</c>), or null for plain rotary embeddings.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>The model's context in tokens (<c>max_position_embeddings</c>).</summary>
    public required int MaxPositionEmbeddings { get; init; }

    /// <summary>Most tokens of a prompt: <see cref="MaxPositionEmbeddings"/>, stretched where the rotary scaling starts from the context before it.</summary>
    public int ContextTokens
    {
        get
        {
            // With these kinds of scaling, max_position_embeddings may still be the context before scaling.
            double context = RopeScaling switch
            {
                { Type: RopeType.Linear or RopeType.Dynamic } scaling => MaxPositionEmbeddings * scaling.Factor,
                { Type: RopeType.Yarn } scaling => Math.Max(MaxPositionEmbeddings, scaling.OriginalMaxPositionEmbeddings * scaling.Factor),
                _ => MaxPositionEmbeddings,
            };
            return (int)Math.Min(context, int.MaxValue);
        }
    }

    /// <summary>Whether the query, key and value projections have a bias.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Whether the attention's output projection has a bias.</summary>
    public bool AttentionOutputBias { get; init; }

    /// <summary>Whether the MLP's projections have a bias (<c>mlp_bias</c>).</summary>
    public bool MlpBias { get; init; }

    /// <summary>Whether queries and keys are RMS-normed per head before the rotary embedding (Qwen3).</summary>
    public bool QueryKeyNorm { get; init; }

    /// <summary>Whether the output head is the token embedding (<c>tie_word_embeddings</c>).</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>For each layer, the sliding window in tokens, the token itself included; null where the layer sees the whole prompt.</summary>
    public required IReadOnlyList<int?> SlidingWindows { get; init; }

    /// <summary>Reads <c>config.json</c> of a model folder.</summary>
    /// <param name="folder">The model folder.</param>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is null or empty.</exception>
    /// <exception cref="InvalidModelException">The file is missing, damaged, or asks for something that is not supported.</exception>
    public static LlamaConfig Load(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var model = new ModelFolder(folder);
        return Parse(model.Read(ModelFileKind.Config), $"'{model.PathOf(ModelFileKind.Config.Name)}'");
    }

    /// <summary>Reads the content of a <c>config.json</c>.</summary>
    /// <param name="json">The JSON text.</param>
    /// <exception cref="ArgumentNullException"><paramref name="json"/> is null.</exception>
    /// <exception cref="InvalidModelException">The text is no such JSON, or asks for something that is not supported.</exception>
    public static LlamaConfig Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return Parse(System.Text.Encoding.UTF8.GetBytes(json), ModelFileKind.Config.Name);
    }

    private static LlamaConfig Parse(ReadOnlyMemory<byte> utf8, string source)
    {
        using JsonDocument document = ModelFile.ParseJson(utf8, source);
        return ConfigReader.Read(new JsonSection(document.RootElement, source));
    }
}
