using System.Text;
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

    /// <summary>For each layer its rotary position embedding; null where the layer has no positions (SmolLM3's <c>no_rope_layers</c>).</summary>
    public required IReadOnlyList<RotaryParameters?> Rotary { get; init; }

    /// <summary>The model's context in tokens (<c>max_position_embeddings</c>).</summary>
    public required int MaxPositionEmbeddings { get; init; }

    /// <summary>Most tokens of a prompt: <see cref="MaxPositionEmbeddings"/>, stretched where the rotary scaling of all layers starts from the context before it.</summary>
    public int ContextTokens
    {
        get
        {
            // Where only some layers are scaled (Gemma 3), max_position_embeddings is the context after scaling.
            RopeScaling?[] scalings = [.. Rotary.Where(rotary => rotary is not null).Select(rotary => rotary!.Scaling).Distinct()];

            // With these kinds of scaling, max_position_embeddings may still be the context before scaling.
            double context = (scalings is [var only] ? only : null) switch
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

    /// <summary>Whether queries, keys and values are one tensor (<c>qkv_proj</c>), and gate and up another (<c>gate_up_proj</c>), as Phi-3 stores them.</summary>
    public bool FusedProjections { get; init; }

    /// <summary>The norm of queries and keys.</summary>
    public QueryKeyNorm QueryKeyNorm { get; init; }

    /// <summary>Where a layer's norms stand.</summary>
    public NormPlacement NormPlacement { get; init; }

    /// <summary>What is added to the weight of every norm, those of queries and keys too: 1 for the Gemmas, otherwise 0.</summary>
    public float NormOffset { get; init; }

    /// <summary>The activation of the MLP's gate.</summary>
    public Activation Activation { get; init; }

    /// <summary>What token embeddings are multiplied by on their way into the first layer, <c>hidden_states[0]</c> included: √hidden for the Gemmas, Granite's <c>embedding_multiplier</c>, otherwise 1.</summary>
    public double EmbeddingScale { get; init; } = 1;

    /// <summary>What queries · keys are multiplied by: 1/√head_dim, the Gemmas' <c>query_pre_attn_scalar</c>^-½, or Granite's <c>attention_multiplier</c>.</summary>
    public required double ScoreScale { get; init; }

    /// <summary>The cap c on scaled scores before the mask, c · tanh(score / c) (Gemma 2's <c>attn_logit_softcapping</c>); null for none.</summary>
    public double? AttentionSoftCap { get; init; }

    /// <summary>What the outputs of attention and MLP are multiplied by before they are added to the residual stream (Granite's <c>residual_multiplier</c>); otherwise 1.</summary>
    public double ResidualScale { get; init; } = 1;

    /// <summary>Whether the output head is the token embedding (<c>tie_word_embeddings</c>).</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>What the output head's logits are divided by (Granite's <c>logits_scaling</c>); 1 for most models.</summary>
    public double LogitsScale { get; init; } = 1;

    /// <summary>The cap c on the output head's logits, c · tanh(logit / c), after <see cref="LogitsScale"/> (Gemma's <c>final_logit_softcapping</c>); null for none.</summary>
    public double? FinalLogitSoftCap { get; init; }

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
        return Parse(Encoding.UTF8.GetBytes(json), ModelFileKind.Config.Name);
    }

    private static LlamaConfig Parse(ReadOnlyMemory<byte> utf8, string source)
    {
        using JsonDocument document = ModelFile.ParseJson(utf8, source);
        return ConfigReader.Read(new JsonSection(document.RootElement, source));
    }
}
