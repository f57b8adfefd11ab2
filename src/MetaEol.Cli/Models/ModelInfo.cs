using System.Globalization;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Filtering;

namespace MetaEol.Cli.Models;

/// <summary>What a model folder holds, as <c>metaeol info</c> tells it: for people in rows, for programs in properties.</summary>
internal sealed class ModelInfo
{
    private ModelInfo(string folder)
    {
        Folder = folder;
        string[] weights = [.. Directory.EnumerateFiles(folder, "*.safetensors").Order(StringComparer.Ordinal)];
        WeightFiles = weights.Length;
        WeightBytes = weights.Sum(FileLength);
        Tokenizers = [.. new[] { "tokenizer.json", "tokenizer.model" }.Where(name => File.Exists(Path.Combine(folder, name)))];
    }

    public string Folder { get; }

    /// <summary>Whether configuration, tokenizer and weights can be used.</summary>
    public bool Supported => Refusal is null;

    /// <summary>Why they cannot; null if they can.</summary>
    public string? Refusal { get; private set; }

    public int WeightFiles { get; }

    public long WeightBytes { get; }

    /// <summary>Whether the weights are stored in 8 bits, as <c>metaeol quantize</c> writes them; null if they cannot be read.</summary>
    public bool? Quantized { get; private set; }

    /// <summary>The tokenizer's files; the first of them is read.</summary>
    public IReadOnlyList<string> Tokenizers { get; }

    public string? Architecture { get; private set; }

    public int? Layers { get; private set; }

    public int? Dimensions { get; private set; }

    public int? IntermediateSize { get; private set; }

    public int? AttentionHeads { get; private set; }

    public int? KeyValueHeads { get; private set; }

    public int? HeadDimension { get; private set; }

    public int? VocabularySize { get; private set; }

    public int? ContextTokens { get; private set; }

    /// <summary>The rotary embeddings, and how many layers have each where they differ.</summary>
    public IReadOnlyList<string> Rotary { get; private set; } = [];

    /// <summary>What the model has besides the plain architecture.</summary>
    public IReadOnlyList<string> Features { get; private set; } = [];

    /// <summary>Bytes of keys and values for each token that is kept.</summary>
    public long? BytesPerToken { get; private set; }

    /// <summary>Bytes of keys and values of the prefixes of the set metaeol.</summary>
    public long? PrefixBytes { get; private set; }

    /// <summary>The layer to take, where it is known.</summary>
    public int? RecommendedLayer { get; private set; }

    /// <summary>Where the basis of the filter of dimensions is kept; null if it is not computed yet.</summary>
    public string? FilterBasis { get; private set; }

    /// <summary>Reads a folder; what is wrong with it becomes its <see cref="Refusal"/>.</summary>
    public static ModelInfo Read(string folder)
    {
        ModelInfo info = new(folder);
        try
        {
            info.Take(LlamaConfig.Load(folder));
            using LlamaModel model = LlamaModel.Load(folder);
            info.Quantized = model.Weights.IsQuantized;
            long prefixTokens = TemplateSet.MetaEol.Templates.Sum(template => (long)model.Tokenizer.CountTokens(template.Prefix));
            info.PrefixBytes = Math.Min(prefixTokens * info.BytesPerToken!.Value, new CpuEncoderOptions().PrefixCacheBytes);
            BasisCache cache = BasisCache.FromEnvironment();
            info.FilterBasis = cache.Find(model.Weights) is null ? null : cache.PathOf(model.Weights);
            bool demo = Path.GetFullPath(folder) == Path.GetFullPath(ModelLocator.DemoFolder) || Path.GetFileName(folder) == ModelLocator.DemoName;
            info.RecommendedLayer = demo ? info.Layers : null;
        }
        catch (InvalidModelException exception)
        {
            info.Refusal = exception.Message;
        }

        return info;
    }

    /// <summary>The same for people: a name and what there is to say.</summary>
    public IEnumerable<(string Name, string Value)> Rows()
    {
        yield return ("folder", Folder);
        yield return ("weights", WeightFiles == 0 ? "none: no *.safetensors here" : $"{WeightFiles} safetensors file{(WeightFiles == 1 ? string.Empty : "s")}, {Megabytes(WeightBytes)}{(Quantized == true ? ", quantized: products in 8 bits (--precision int8)" : string.Empty)}");
        yield return ("tokenizer", Tokenizers.Count == 0 ? "none" : $"{Tokenizers[0]}{(Tokenizers.Count > 1 ? $" ({Tokenizers[1]} is not read beside it)" : string.Empty)}");
        if (Architecture is not null)
        {
            yield return ("architecture", Architecture);
            yield return ("layers", Invariant($"{Layers} (hidden_states indices 0 to {Layers})"));
            yield return ("dimensions", Invariant($"{Dimensions} (MLP {IntermediateSize})"));
            yield return ("heads", Invariant($"{AttentionHeads} queries, {KeyValueHeads} keys and values, {HeadDimension} wide"));
            yield return ("vocabulary", Invariant($"{VocabularySize} tokens"));
            yield return ("context", Invariant($"{ContextTokens} tokens, {string.Join(", ", Rotary)}"));
            yield return ("features", Features.Count == 0 ? "none besides the plain architecture" : string.Join(", ", Features));
        }

        if (PrefixBytes is { } prefixBytes)
        {
            yield return ("memory", $"{Megabytes(WeightBytes)} of weights, mapped: page cache, shared by all processes; with less it works, and reads them from disk. {Megabytes(prefixBytes)} for keys and values of the prefixes of the set metaeol ({Invariant($"{BytesPerToken / 1024.0:0.#}")} KB per token), and the activations of a batch");
            yield return ("fewer dimensions", Invariant($"1 to {Dimensions! - 1} with --dimensions, ")
                + (FilterBasis is { } basis ? $"by the basis in {basis}" : "by a basis that is computed at the first use, or ahead with 'metaeol filter'"));
            yield return ("recommended layer", RecommendedLayer is { } layer ? Invariant($"last ({layer}): this model was tuned there")
                : "not known for this model: find it with 'metaeol sweep layers'; the best one moves with the size of the model, and often lies a little before the last");
        }

        yield return ("supported", Supported ? "yes: configuration, tokenizer and weights fit together" : $"no: {Refusal}");
    }

    private void Take(LlamaConfig config)
    {
        (Architecture, Layers, Dimensions, IntermediateSize) = (config.Architecture, config.LayerCount, config.HiddenSize, config.IntermediateSize);
        (AttentionHeads, KeyValueHeads, HeadDimension) = (config.AttentionHeads, config.KeyValueHeads, config.HeadDimension);
        (VocabularySize, ContextTokens) = (config.VocabularySize, config.ContextTokens);
        BytesPerToken = 2L * config.LayerCount * config.KeyValueHeads * config.HeadDimension * sizeof(float);
        Rotary =
        [
            .. config.Rotary.GroupBy(rotary => rotary).Select(group =>
                (group.Key is null ? "no positions" : Invariant($"rotary base {group.Key.Theta:0.##}"))
                + (group.Key?.Dimensions < config.HeadDimension ? Invariant($" over {group.Key.Dimensions} dimensions") : string.Empty)
                + (group.Key?.Scaling is { } scaling ? Invariant($" scaled ({scaling.Type}, factor {scaling.Factor:0.##})") : string.Empty)
                + (group.Count() < config.LayerCount ? Invariant($" in {group.Count()} layers") : string.Empty)),
        ];
        Features =
        [
            .. config.QueryKeyValueBias ? ["attention bias"] : Array.Empty<string>(),
            .. config.MlpBias ? ["MLP bias"] : Array.Empty<string>(),
            .. config.QueryKeyNorm != QueryKeyNorm.None ? ["query and key norms"] : Array.Empty<string>(),
            .. config.NormPlacement switch { NormPlacement.After => ["norms after the blocks"], NormPlacement.Around => ["norms around the blocks"], _ => Array.Empty<string>() },
            .. config.AttentionSoftCap is not null || config.FinalLogitSoftCap is not null ? ["soft caps"] : Array.Empty<string>(),
            .. config.TieWordEmbeddings ? ["tied embeddings"] : Array.Empty<string>(),
            .. config.SlidingWindows.Any(window => window is not null) ? [Invariant($"sliding window of {config.SlidingWindows.Max()} tokens in {config.SlidingWindows.Count(window => window is not null)} layers")] : Array.Empty<string>(),
        ];
    }

    private static long FileLength(string path) => new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path).Length;

    private static string Megabytes(long bytes) => Invariant($"{bytes / 1e6:0.0} MB");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
