using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Planning;

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
    /// The model: a Hugging Face folder with <c>config.json</c>, <c>tokenizer.json</c> or <c>tokenizer.model</c>, and safetensors weights; or the name of a
    /// downloaded model (<c>meta-llama/Llama-3.2-1B</c>, see <see cref="ModelLocation"/>). A relative path from configuration starts at the host's content root, one from code at the
    /// current directory. Required.
    /// </summary>
    public string? ModelPath
    {
        get;
        set
        {
            field = value;
            ModelPathBase = null;
        }
    }

    /// <summary>
    /// The template set. In configuration: a built-in name (<c>metaeol</c>, <c>prompteol</c>), one template of it (<c>metaeol/emotion</c>), or the path of a JSON
    /// file (<c>templates.json</c>, <c>templates.json#name</c>), relative as <see cref="ModelPath"/> is. In code: a set, or <see cref="Prompting.TemplateSet.Load(string)"/> of such a text.
    /// Default: <c>metaeol</c>.
    /// </summary>
    public TemplateSet TemplateSet { get; set; } = TemplateSet.MetaEol;

    /// <summary>
    /// The layer that gives the embedding, for templates that name none: an index into <c>hidden_states</c> (<c>-1</c> is the last, after the final norm) or a relative depth (<c>75%</c>).
    /// Default: the last, as the reference does. Large models often do better a few layers earlier (MetaEOL, section 4.4).
    /// </summary>
    public LayerSelector Layer { get; set; } = LayerSelector.Last;

    /// <summary>
    /// Token prepending (arXiv 2412.11556): in the first layers the state of each prompt's last token stands directly before the text, so that the text is read in the light of the whole prompt. Costs one token a prompt.
    /// Default: false.
    /// </summary>
    public bool TokenPrepending { get; set; }

    /// <summary>
    /// One past the last decoder layer before which <see cref="TokenPrepending"/> replaces the placeholder's state, from layer 1 on: an index, at least 2, or a relative depth. Published: 7 of Llama-2-7B's and 3 of Llama-3-8B's
    /// 32 layers, 6 of Qwen2-7B's 28. Default: 22%, which is 7 of 32.
    /// </summary>
    public LayerSelector TokenPrependingEnd { get; set; } = LayerSelector.FromDepth(0.22);

    /// <summary>
    /// Dimensions of the vectors, 1 to the model's own number; null (the default) for the model's own. Fewer come from <see cref="Filter"/>. A request may ask for another number
    /// (<see cref="Microsoft.Extensions.AI.EmbeddingGenerationOptions.Dimensions"/>).
    /// </summary>
    public int? Dimensions { get; set; }

    /// <summary>
    /// How vectors become those of fewer dimensions, where <see cref="Dimensions"/> or a request asks for them. In configuration: <c>spectral</c>, <c>spectral:512</c>, <c>random</c>, <c>random:7</c> or
    /// <c>off</c>. Default: the spectral filter with the window in the middle.
    /// </summary>
    public DimensionFilter Filter { get; set; }

    /// <summary>
    /// The folder that keeps what is computed once for a model: the basis of the spectral filter. Null (the default): what <see cref="Llama.Filtering.BasisCache.FromEnvironment"/> gives, <c>METAEOL_CACHE</c> or
    /// <c>~/.cache/metaeol</c>. A relative path starts as that of <see cref="ModelPath"/>.
    /// </summary>
    public string? CacheFolder { get; set; }

    /// <summary>
    /// Whether vectors are scaled to L2 norm 1. Default: true, so that dot product and cosine rank alike in every vector store. With false they are the plain
    /// mean over the templates, as the reference gives it.
    /// </summary>
    public bool Normalize { get; set; } = true;

    /// <summary>Whether texts are cleaned as the MetaEOL reference does: end with a full stop, double quotes become single ones. Default: true.</summary>
    public bool CleanText { get; set; } = true;

    /// <summary>
    /// How special tokens inside a text are read (<c>&lt;/s&gt;</c>, <c>&lt;|endoftext|&gt;</c>). Default: as plain text, so that a text cannot smuggle in control tokens; those of a
    /// template are always recognised. <see cref="SpecialTokenHandling.Recognize"/> reads the whole prompt as Hugging Face and the reference do.
    /// </summary>
    public SpecialTokenHandling SpecialTokens { get; set; } = SpecialTokenHandling.PlainText;

    /// <summary>Most tokens of a text itself, without the template, at least 1. Null (the default): as many as fit the model's context in every template.</summary>
    public int? MaxTextTokens { get; set; }

    /// <summary>What happens to a text with more tokens than <see cref="MaxTextTokens"/>, or one whose prompts do not fit the model's context. Default: an error.</summary>
    public TextOverflow TextOverflow { get; set; } = TextOverflow.Error;

    /// <summary>
    /// Most prompt tokens of one encoder call, at least 1: requests that wait are merged, and large ones cut, to calls of so many. Null (the default): 16 times
    /// <see cref="CpuEncoderOptions.StepRows"/>, which is 8192. More lets short requests wait longer behind long ones; it pays where a model is larger than memory, whose weights are read
    /// from disk once per call, and on a large GPU.
    /// </summary>
    public int? CallTokens { get; set; }

    /// <summary>
    /// Most prompt tokens that wait for the encoder, at least 1; a request beyond that fails with a <see cref="GeneratorBusyException"/>. Where nothing waits, any
    /// request is taken, and one that has begun is finished. Default: 67,108,864, which take 256 MB.
    /// </summary>
    public long MaxWaitingTokens { get; set; } = 1L << 26;

    /// <summary>The name that embeddings and metadata carry. Null (the default): the name of the model folder, or the one that <see cref="ModelPath"/> names.</summary>
    public string? ModelId { get; set; }

    /// <summary>Options of the CPU encoder. With another encoder only <see cref="CpuEncoderOptions.Threads"/> is read, for tokenizing.</summary>
    public CpuEncoderOptions Cpu { get; set; } = new();

    /// <summary>Where a relative <see cref="ModelPath"/> starts; null for the current directory.</summary>
    internal string? ModelPathBase { get; private set; }

    /// <summary>What was wrong in a configuration section; reported with all else that is.</summary>
    internal List<string> BindingFailures { get; } = [];

    /// <summary>How work is cut for the encoder.</summary>
    internal WorkLimits Limits
    {
        get
        {
            var limits = new WorkLimits(Cpu.StepRows, Cpu.PassBytes);
            return CallTokens is int tokens ? limits with { CallTokens = tokens } : limits;
        }
    }

    internal void SetModelPath(string path, string? baseFolder)
    {
        ModelPath = path;
        ModelPathBase = baseFolder;
    }

    internal MetaEolOptions Clone()
    {
        var copy = (MetaEolOptions)MemberwiseClone();
        copy.Cpu = Cpu with { };
        return copy;
    }
}
