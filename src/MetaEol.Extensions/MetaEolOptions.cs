using MetaEol.Extensions.Prompting;
using MetaEol.Llama.Encoding;

namespace MetaEol.Extensions;

/// <summary>Options of a <see cref="MetaEolEmbeddingGenerator"/>; bindable from configuration, validated at start.</summary>
/// <remarks>
/// In <c>appsettings.json</c>: <c>"MetaEol": { "ModelPath": "models/demo", "TemplateSet": "metaeol", "Layer": "75%" }</c>. Options are read once, when the
/// generator is created.
/// </remarks>
public sealed class MetaEolOptions
{
    /// <summary>The configuration section that <c>AddMetaEolEmbeddings()</c> without arguments reads.</summary>
    public const string SectionName = "MetaEol";

    /// <summary>
    /// The model: a Hugging Face folder with <c>config.json</c>, <c>tokenizer.json</c> or <c>tokenizer.model</c>, and safetensors weights. A relative path
    /// starts at the current directory. Required.
    /// </summary>
    public string? ModelPath { get; set; }

    /// <summary>
    /// The template set: a built-in name (<c>metaeol</c>, <c>prompteol</c>), one template of it (<c>metaeol/emotion</c>), or the path of a JSON file
    /// (<c>templates.json</c>, <c>templates.json#name</c>). Default: <c>metaeol</c>.
    /// </summary>
    public string? TemplateSet { get; set; } = Prompting.TemplateSet.MetaEol.Name;

    /// <summary>A template set made in code; where it is set, <see cref="TemplateSet"/> is not read.</summary>
    public TemplateSet? CustomTemplateSet { get; set; }

    /// <summary>
    /// The layer that gives the embedding: an index into <c>hidden_states</c> (<c>-1</c> is the last, after the final norm) or a relative depth (<c>75%</c>).
    /// Default: the last, as the reference does. Large models often do better a few layers earlier (MetaEOL, section 4.4).
    /// </summary>
    public LayerSelector Layer { get; set; } = LayerSelector.Last;

    /// <summary>
    /// Whether vectors are scaled to L2 norm 1. Default: true, so that dot product and cosine rank alike in every vector store. With false they are the plain
    /// mean over the templates, as the reference gives it.
    /// </summary>
    public bool Normalize { get; set; } = true;

    /// <summary>Whether texts are cleaned as the MetaEOL reference does: end with a full stop, double quotes become single ones. Default: true.</summary>
    public bool CleanText { get; set; } = true;

    /// <summary>Most tokens of a text itself, without the template, at least 1. Null (the default): as many as fit the model's context in every template.</summary>
    public int? MaxTextTokens { get; set; }

    /// <summary>What happens to a text with more tokens than <see cref="MaxTextTokens"/>, or one whose prompts do not fit the model's context. Default: an error.</summary>
    public TextOverflow TextOverflow { get; set; } = TextOverflow.Error;

    /// <summary>Number of threads of the CPU encoder, at least 1. Null (the default): the processors available to the process.</summary>
    public int? Threads { get; set; }

    /// <summary>
    /// Most token rows that the CPU encoder computes in one step, at least 1. Default: 512. Requests that wait are merged, and large ones cut, to encoder calls
    /// of 16 times as many prompt tokens. More uses more memory and lets short requests wait longer behind long ones; it pays where a model is larger than
    /// memory, whose weights are read from disk once per call.
    /// </summary>
    public int MicroBatchTokens { get; set; } = 512;

    /// <summary>Most bytes of keys and values of the templates' beginnings that the CPU encoder keeps between calls; 0 keeps none. Default: 512 MB.</summary>
    public long PrefixCacheBytes { get; set; } = new CpuEncoderOptions().PrefixCacheBytes;

    /// <summary>Arithmetic of the CPU encoder's matrix products. Default: float32.</summary>
    public Precision Precision { get; set; } = Precision.Float32;

    /// <summary>The name that embeddings and metadata carry. Null (the default): the name of the model folder.</summary>
    public string? ModelId { get; set; }

    /// <summary>
    /// Most prompt tokens of one encoder call: enough to keep the matrix products busy, and few enough that a short request does not wait long behind others.
    /// </summary>
    internal int BatchTokens => (int)Math.Min(16L * MicroBatchTokens, int.MaxValue);

    internal MetaEolOptions Clone() => (MetaEolOptions)MemberwiseClone();

    /// <summary>The template set these options name.</summary>
    internal TemplateSet ResolveTemplateSet() => CustomTemplateSet ?? Prompting.TemplateSet.Load(TemplateSet ?? "");
}
