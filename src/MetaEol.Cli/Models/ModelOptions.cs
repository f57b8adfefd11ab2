using System.CommandLine;
using System.CommandLine.Parsing;
using MetaEol.Cli.CommandLine;
using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using MetaEol.Llama.Encoders;

namespace MetaEol.Cli.Models;

/// <summary>The options by which every command that embeds chooses model, templates and layer.</summary>
internal sealed class ModelOptions
{
    private const int RepeatableStepRows = 2048;

    private const int MostThreads = 1024;

    private readonly Option<string?> _model = ToolOption.Text(
        "--model", $"Model folder, or name of a downloaded model. Default: ${ModelLocator.EnvironmentVariable}, else the bundled demo model.", "FOLDER|NAME", "-m");

    private readonly Option<string?> _templates = ToolOption.Text("--templates", "Template set: metaeol (default), prompteol, metaeol/emotion, or a JSON file.", "SET", "-t");

    private readonly Option<LayerSelector> _layer = new("--layer", "-l")
    {
        Description = "hidden_states index (negative from the end), relative depth such as 75%, or last (default).",
        HelpName = "LAYER",
        CustomParser = ParseLayer,
        DefaultValueFactory = _ => LayerSelector.Last,
    };

    private readonly Option<bool> _int8 = ToolOption.Switch("--int8", "8-bit arithmetic: faster, a little less exact.");
    private readonly Option<int?> _threads = ToolOption.OptionalNumber("--threads", "Number of threads (default: all processors),", 1, MostThreads);

    private readonly Option<bool> _truncate = ToolOption.Switch("--truncate", "Cut texts that do not fit the model's context, instead of an error.");

    public ModelOptions(Command command, bool layer = true, bool templates = true, bool truncate = true)
    {
        HasLayer = layer;
        command.Add(_model);
        if (templates)
        {
            command.Add(_templates);
        }

        if (layer)
        {
            command.Add(_layer);
        }

        command.Add(_int8);
        command.Add(_threads);
        if (truncate)
        {
            command.Add(_truncate);
        }
    }

    private bool HasLayer { get; }

    /// <param name="parse">The command line.</param>
    /// <param name="terminal">Receives which model is used, if none was named.</param>
    /// <param name="normalize">Whether vectors have length 1.</param>
    /// <param name="repeatable">
    /// Whether a batch gives the same bits whatever came before it: without a cache of prefixes, whose keys and values differ in the last bit by the batch that they were
    /// computed in. The prefixes are shared within a batch, which then is computed in larger pieces.
    /// </param>
    public MetaEolEmbeddingGenerator CreateGenerator(ParseResult parse, Terminal terminal, bool normalize = true, bool repeatable = false)
    {
        ModelLocation folder = ModelLocator.Find(parse.GetValue(_model), terminal);
        MetaEolOptions options = new()
        {
            ModelPath = folder.Folder,
            ModelId = folder.Name,
            Normalize = normalize,
            Cpu = { Precision = parse.GetValue(_int8) ? Precision.Int8 : Precision.Float32 },
            TextOverflow = parse.GetValue(_truncate) ? TextOverflow.Truncate : TextOverflow.Error,
        };
        if (parse.GetValue(_threads) is { } threads)
        {
            options.Cpu.Threads = threads;
        }

        if (repeatable)
        {
            (options.Cpu.PrefixCacheBytes, options.Cpu.StepRows) = (0, RepeatableStepRows);
        }

        if (parse.GetValue(_templates) is { } templates)
        {
            options.TemplateSet = TemplateSet.Load(templates);
        }

        if (HasLayer)
        {
            options.Layer = parse.GetValue(_layer);
        }

        return new MetaEolEmbeddingGenerator(options);
    }

    /// <summary>The layer that was chosen.</summary>
    public LayerSelector Layer(ParseResult parse) => parse.GetValue(_layer);

    private static LayerSelector ParseLayer(ArgumentResult result)
    {
        if (!LayerSelector.TryParse(result.Tokens[0].Value, null, out LayerSelector layer))
        {
            result.AddError($"'{result.Tokens[0].Value}' is not a layer for --layer: write an index such as 24 or -1, a depth such as 75%, or last.");
        }

        return layer;
    }
}
