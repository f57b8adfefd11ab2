using System.CommandLine;
using System.Globalization;
using MetaEol.Cli.Models;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using Spectre.Console;

namespace MetaEol.Cli.Commands;

/// <summary><c>metaeol info</c>: what a model folder holds.</summary>
internal static class InfoCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string?> model = new("model") { Description = "Model folder, or name of a downloaded model. Default: as for --model.", Arity = ArgumentArity.ZeroOrOne, HelpName = "FOLDER|NAME" };
        ToolCommand command = new(
            "info",
            "Show what a model folder holds, the memory it needs, and whether it is supported.",
            "metaeol info meta-llama/Llama-3.2-1B",
            "metaeol info ./models/my-llama")
        {
            model,
        };
        command.SetAction(terminal, (parse, _) =>
        {
            Write(terminal, ModelLocator.Find(parse.GetValue(model), terminal).Folder);
            return Task.CompletedTask;
        });
        return command;
    }

    private static void Write(Terminal terminal, string folder)
    {
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn();
        void Row(string name, string value) => grid.AddRow($"[bold]{name}[/]", Markup.Escape(value));
        string[] weights = [.. Directory.EnumerateFiles(folder, "*.safetensors").Order(StringComparer.Ordinal)];
        long weightBytes = weights.Sum(FileLength);
        Row("folder", folder);
        Row("weights", weights.Length == 0 ? "none: no *.safetensors here" : $"{weights.Length} safetensors file{(weights.Length == 1 ? string.Empty : "s")}, {Megabytes(weightBytes)}");
        string[] tokenizers = [.. new[] { "tokenizer.json", "tokenizer.model" }.Where(name => File.Exists(Path.Combine(folder, name)))];
        Row("tokenizer", tokenizers.Length == 0 ? "none" : $"{tokenizers[0]}{(tokenizers.Length > 1 ? $" ({tokenizers[1]} is not read beside it)" : string.Empty)}");

        InvalidModelException? refusal = null;
        try
        {
            LlamaConfig config = LlamaConfig.Load(folder);
            Describe(config, Row);
            using LlamaModel loaded = LlamaModel.Load(folder);
            Row("memory", Memory(loaded, weightBytes));
            Row("recommended layer", RecommendedLayer(folder, config));
            Row("supported", "yes: configuration, tokenizer and weights fit together");
        }
        catch (InvalidModelException exception)
        {
            refusal = exception;
            Row("supported", $"no: {exception.Message}");
        }

        terminal.Out.Write(grid);
        if (refusal is not null)
        {
            throw new ToolException("this model cannot be used; see 'supported' above.", refusal);
        }
    }

    private static void Describe(LlamaConfig config, Action<string, string> row)
    {
        row("architecture", config.Architecture);
        row("layers", Invariant($"{config.LayerCount} (hidden_states indices 0 to {config.LayerCount})"));
        row("dimensions", Invariant($"{config.HiddenSize} (MLP {config.IntermediateSize})"));
        row("heads", Invariant($"{config.AttentionHeads} queries, {config.KeyValueHeads} keys and values, {config.HeadDimension} wide"));
        row("vocabulary", Invariant($"{config.VocabularySize} tokens"));
        row("context", Invariant($"{config.ContextTokens} tokens, {Rotary(config)}"));
        string[] options =
        [
            .. config.QueryKeyValueBias ? ["attention bias"] : Array.Empty<string>(),
            .. config.MlpBias ? ["MLP bias"] : Array.Empty<string>(),
            .. config.QueryKeyNorm != QueryKeyNorm.None ? ["query and key norms"] : Array.Empty<string>(),
            .. config.NormPlacement switch { NormPlacement.After => ["norms after the blocks"], NormPlacement.Around => ["norms around the blocks"], _ => Array.Empty<string>() },
            .. config.AttentionSoftCap is not null || config.FinalLogitSoftCap is not null ? ["soft caps"] : Array.Empty<string>(),
            .. config.TieWordEmbeddings ? ["tied embeddings"] : Array.Empty<string>(),
            .. config.SlidingWindows.Any(window => window is not null) ? [Invariant($"sliding window of {config.SlidingWindows.Max()} tokens in {config.SlidingWindows.Count(window => window is not null)} layers")] : Array.Empty<string>(),
        ];
        row("features", options.Length == 0 ? "none besides the plain architecture" : string.Join(", ", options));
    }

    /// <summary>The rotary embeddings, and how many layers have each where they differ.</summary>
    private static string Rotary(LlamaConfig config) => string.Join(", ", config.Rotary.GroupBy(rotary => rotary).Select(group =>
        (group.Key is null ? "no positions" : Invariant($"rotary base {group.Key.Theta:0.##}"))
        + (group.Key?.Dimensions < config.HeadDimension ? Invariant($" over {group.Key.Dimensions} dimensions") : string.Empty)
        + (group.Key?.Scaling is { } scaling ? Invariant($" scaled ({scaling.Type}, factor {scaling.Factor:0.##})") : string.Empty)
        + (group.Count() < config.LayerCount ? Invariant($" in {group.Count()} layers") : string.Empty)));

    /// <summary>What the process needs besides room for its activations.</summary>
    private static string Memory(LlamaModel model, long weightBytes)
    {
        LlamaConfig config = model.Config;
        long bytesPerToken = 2L * config.LayerCount * config.KeyValueHeads * config.HeadDimension * sizeof(float);
        long prefixBytes = TemplateSet.MetaEol.Templates.Sum(template => (long)model.Tokenizer.CountTokens(template.Prefix)) * bytesPerToken;
        return $"{Megabytes(weightBytes)} of weights, mapped: page cache, shared by all processes; with less it works, and reads them from disk. {Megabytes(Math.Min(prefixBytes, new CpuEncoderOptions().PrefixCacheBytes))} for keys and values of the prefixes of the set metaeol ({Invariant($"{bytesPerToken / 1024.0:0.#}")} KB per token), and the activations of a batch";
    }

    private static string RecommendedLayer(string folder, LlamaConfig config) => Path.GetFullPath(folder) == Path.GetFullPath(ModelLocator.DemoFolder) || Path.GetFileName(folder) == ModelLocator.DemoName
        ? Invariant($"last ({config.LayerCount}): this model was tuned there")
        : "not known for this model: find it with 'metaeol sweep layers'; the best one moves with the size of the model, and often lies a little before the last";

    private static long FileLength(string path) => new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path).Length;

    private static string Megabytes(long bytes) => Invariant($"{bytes / 1e6:0.0} MB");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
