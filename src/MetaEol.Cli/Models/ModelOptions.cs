using System.CommandLine;
using System.CommandLine.Parsing;
using MetaEol.Cli.CommandLine;
using MetaEol.Cli.Searching;
using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using MetaEol.Llama.Encoders;

namespace MetaEol.Cli.Models;

/// <summary>The options by which every command that embeds chooses model, templates and layer.</summary>
internal sealed class ModelOptions
{
    private const int RepeatableStepRows = 2048;

    private const int MostDimensions = 1 << 20;

    private readonly Option<string?> _model = ToolOption.Text(
        "--model", $"Model folder, or name of a downloaded model. Default: ${ModelLocator.EnvironmentVariable}, else the bundled demo model.", "FOLDER|NAME", "-m");

    private readonly Option<string?> _templates = ToolOption.Text("--templates", "Template set: metaeol (default), prompteol, essence, duo, retrieval, metaeol/emotion, or a JSON file.", "SET", "-t");

    private readonly Option<LayerSelector> _layer = new("--layer", "-l")
    {
        Description = "hidden_states index (negative from the end), relative depth such as 75%, or last (default), for templates that have none of their own.",
        HelpName = "LAYER",
        CustomParser = result => ParseLayer(result, "--layer"),
        DefaultValueFactory = _ => LayerSelector.Last,
    };

    private readonly Option<int?> _dimensions = ToolOption.OptionalNumber("--dimensions", "Numbers of a vector (default: as many as the model has; fewer by --filter),", 1, MostDimensions);

    private readonly Option<DimensionFilter?> _filter = new("--filter")
    {
        Description = "How vectors become those of --dimensions: spectral (default), spectral:512 (where its window starts), random, random:7 (a seed).",
        HelpName = "FILTER",
        CustomParser = ParseFilter,
    };

    private readonly Option<TextRole?> _role = ToolOption.OptionalChoice(
        "--role", "What the texts are, for a template set that tells questions from documents. Default: document.", ("document", TextRole.Document), ("query", TextRole.Query));

    private readonly Option<Precision?> _precision = ToolOption.OptionalChoice(
        "--precision",
        "Arithmetic: float32 (default), bfloat16 (some processors only), int8, or fastest: the fastest here that changes a vector by less than 1 %. A quantized model computes in int8.",
        [.. PrecisionWords.All]);

    private readonly Option<bool> _prepending = ToolOption.Switch(
        "--token-prepending", "In the first layers let each prompt's last state stand before its text too (arXiv 2412.11556). One token more for each prompt.");

    private readonly Option<LayerSelector?> _prependingEnd = new("--token-prepending-end")
    {
        Description = "Where that ends: the first layer that runs without it. Default: 22%. With --token-prepending.",
        HelpName = "LAYER",
        CustomParser = result => ParseLayer(result, "--token-prepending-end"),
    };

    private readonly Option<bool> _int8 = ToolOption.Switch("--int8", "Short for --precision int8: faster, a little less exact.");
    private readonly Option<int?> _threads = ToolOption.OptionalNumber("--threads", "Number of threads (default: all processors),", 1, CpuEncoderOptions.MaximumThreads);

    private readonly Option<bool> _truncate = ToolOption.Switch("--truncate", "Cut texts that do not fit the model's context, instead of an error.");

    private readonly Option<string[]> _models = new("--model", "-m")
    {
        Description = $"Model folder, or name of a downloaded model; NAME=FOLDER gives it another name. May be given several times; the first is the default. Default: ${ModelLocator.EnvironmentVariable}, else the bundled demo model.",
        HelpName = "FOLDER|NAME",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    public ModelOptions(Command command, bool layer = true, bool templates = true, bool truncate = true, bool dimensions = true, bool role = false, bool prepending = true, bool several = false)
    {
        HasLayer = layer;
        HasDimensions = dimensions;
        command.Add(several ? _models : _model);
        if (templates)
        {
            command.Add(_templates);
        }

        if (layer)
        {
            command.Add(_layer);
        }

        if (role)
        {
            command.Add(_role);
        }

        if (dimensions)
        {
            command.Add(_dimensions);
            command.Add(_filter);
            command.Validators.Add(result =>
            {
                if (result.GetResult(_filter) is not null && result.GetResult(_dimensions) is null)
                {
                    result.AddError("--filter tells how vectors become those of --dimensions: write --dimensions, too.");
                }
            });
        }

        command.Add(_precision);
        if (prepending)
        {
            command.Add(_prepending);
            command.Add(_prependingEnd);
            command.Validators.Add(result =>
            {
                if (result.GetResult(_prependingEnd) is not null && !result.GetValue(_prepending))
                {
                    result.AddError("--token-prepending-end says where --token-prepending ends: write that too.");
                }
            });
        }

        command.Add(_int8);
        command.Add(_threads);
        if (truncate)
        {
            command.Add(_truncate);
        }
    }

    private bool HasLayer { get; }

    private bool HasDimensions { get; }

    /// <summary>The options of each model of a command that takes several; their ids differ.</summary>
    public IReadOnlyList<MetaEolOptions> CreateAll(ParseResult parse, Terminal terminal)
    {
        List<MetaEolOptions> all = [];
        IEnumerable<string?> models = parse.GetValue(_models) is { Length: > 0 } given ? given : new string?[] { null };
        foreach (string? model in models)
        {
            // A folder's own name may hold an equals sign.
            int equals = model is null || Path.Exists(model) ? -1 : model.IndexOf('=', StringComparison.Ordinal);
            ModelLocation location = ModelLocator.Find(equals < 0 ? model : model![(equals + 1)..], terminal);
            MetaEolOptions options = CreateOptions(parse, location);
            options.ModelId = equals < 0 ? location.Name : model![..equals];
            ApplyVectors(parse, options);
            if (string.IsNullOrWhiteSpace(options.ModelId) || all.Exists(other => other.ModelId == options.ModelId))
            {
                throw new ToolException($"Two models are called '{options.ModelId}', or one has an empty name: write --model NAME=FOLDER to give it a name of its own.");
            }

            all.Add(options);
        }

        return all;
    }

    /// <summary>Computes the basis of the vectors' filter where it is needed and not there yet, with a bar that shows how far it is.</summary>
    public static async Task PrepareFilterAsync(MetaEolEmbeddingGenerator generator, Terminal terminal, CancellationToken cancellationToken)
    {
        if (generator.Metadata.DefaultModelDimensions != (generator.GetService(typeof(PromptEncoderMetadata)) as PromptEncoderMetadata)?.Dimensions)
        {
            await terminal.WithProgressAsync(string.Empty, progress => generator.GetFilterAsync(progress: new FilterProgressReport(progress), cancellationToken: cancellationToken)).ConfigureAwait(false);
        }
    }

    /// <param name="parse">The command line.</param>
    /// <param name="terminal">Receives which model is used, if none was named.</param>
    /// <param name="normalize">Whether vectors have length 1.</param>
    /// <param name="repeatable">
    /// Whether a batch gives the same bits whatever came before it: without a cache of prefixes, whose keys and values differ in the last bit by the batch that they were
    /// computed in. The prefixes are shared within a batch, which then is computed in larger pieces.
    /// </param>
    public MetaEolEmbeddingGenerator CreateGenerator(ParseResult parse, Terminal terminal, bool normalize = true, bool repeatable = false)
    {
        MetaEolOptions options = CreateOptions(parse, ModelLocator.Find(parse.GetValue(_model), terminal));
        options.Normalize = normalize;
        options.TextOverflow = parse.GetValue(_truncate) ? TextOverflow.Truncate : TextOverflow.Error;
        if (repeatable)
        {
            (options.Cpu.PrefixCacheBytes, options.Cpu.StepRows) = (0, RepeatableStepRows);
        }

        ApplyVectors(parse, options);
        return new MetaEolEmbeddingGenerator(options);
    }

    /// <summary>Sets all that decides about a vector besides the model.</summary>
    private void ApplyVectors(ParseResult parse, MetaEolOptions options)
    {
        if (parse.GetValue(_templates) is { } templates)
        {
            options.TemplateSet = TemplateSet.Load(templates);
        }

        if (HasLayer)
        {
            ThrowIfUnused(parse, options.TemplateSet);
            options.Layer = parse.GetValue(_layer);
        }

        if (HasDimensions)
        {
            (options.Dimensions, options.Filter) = (parse.GetValue(_dimensions), parse.GetValue(_filter) ?? DimensionFilter.Spectral);
        }

        if (parse.GetValue(_prepending))
        {
            options.TokenPrepending = true;
            options.TokenPrependingEnd = parse.GetValue(_prependingEnd) ?? options.TokenPrependingEnd;
        }
    }

    /// <summary>Options of each request: the role that the command line names; null where it names none.</summary>
    /// <exception cref="ToolException">The template set has no roles.</exception>
    public MetaEolEmbeddingGenerationOptions? RequestOptions(ParseResult parse, TemplateSet templates) => parse.GetValue(_role) is not { } role ? null
        : templates.HasRoles ? new MetaEolEmbeddingGenerationOptions { Role = role }
        : throw new ToolException($"The template set '{templates.Name}' does not tell questions from documents, so that --role makes no difference: leave it out, or take a set with roles, such as --templates retrieval.");

    /// <summary>Whether the command line names a model.</summary>
    public bool NamesModel(ParseResult parse) => parse.GetValue(_model) is not null;

    /// <summary>The generator for an index: what the command line does not say is as the index remembers it.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="terminal">Receives which model is used, if none was named.</param>
    /// <param name="remembered">What the index remembers, or null.</param>
    /// <param name="rebuild">Whether the index is made anew: then the precision is what the command line says.</param>
    /// <returns>The generator, and what the index is to remember of it.</returns>
    public (MetaEolEmbeddingGenerator Generator, IndexedModel Model) CreateIndexGenerator(ParseResult parse, Terminal terminal, IndexedModel? remembered, bool rebuild)
    {
        string? named = parse.GetValue(_model) ?? remembered?.Model;
        ModelLocation location = ModelLocator.Find(named, terminal);
        string? templates = parse.GetValue(_templates) is { } given ? (File.Exists(given) ? Path.GetFullPath(given) : given) : remembered?.Templates;
        bool hasLayer = parse.GetResult(_layer) is { Implicit: false };
        string? layer = hasLayer ? parse.GetValue(_layer).ToString() : remembered?.Layer;
        Precision? precision = Precision(parse) ?? (rebuild ? null : remembered?.Precision);

        int? dimensions = parse.GetValue(_dimensions) ?? remembered?.Dimensions;
        string? filter = dimensions is null ? null : parse.GetValue(_filter)?.ToString() ?? remembered?.Filter;

        string model = location.Folder == ModelLocator.DemoFolder ? ModelLocator.DemoName : location.Folder;
        IndexedModel used = new(model, templates, layer, precision, dimensions, filter);
        MetaEolOptions options = CreateOptions(parse, location, used);
        if (layer is not null)
        {
            ThrowIfUnused(parse, options.TemplateSet);
        }

        return (new MetaEolEmbeddingGenerator(options), used);
    }

    /// <summary>The generator that made an index, whatever the command line says of others.</summary>
    public MetaEolEmbeddingGenerator CreateRememberedGenerator(ParseResult parse, Terminal terminal, IndexedModel remembered) =>
        new(CreateOptions(parse, ModelLocator.Find(remembered.Model, terminal), remembered));

    private MetaEolOptions CreateOptions(ParseResult parse, ModelLocation folder, IndexedModel index)
    {
        MetaEolOptions options = CreateOptions(parse, folder);
        options.Cpu.Precision = index.Precision;
        options.Dimensions = index.Dimensions;
        options.Filter = index.Filter is { } filter ? DimensionFilter.Parse(filter, null) : DimensionFilter.Spectral;
        if (index.Templates is { } templates)
        {
            options.TemplateSet = TemplateSet.Load(templates);
        }

        if (index.Layer is { } layer)
        {
            options.Layer = LayerSelector.Parse(layer, null);
        }

        return options;
    }

    private MetaEolOptions CreateOptions(ParseResult parse, ModelLocation folder)
    {
        MetaEolOptions options = new()
        {
            ModelPath = folder.Folder,
            ModelId = folder.Name,
            Cpu = { Precision = Precision(parse) },
        };
        if (parse.GetValue(_threads) is { } threads)
        {
            options.Cpu.Threads = threads;
        }

        return options;
    }

    /// <summary>The precision that was asked for; null if none was.</summary>
    private Precision? Precision(ParseResult parse)
    {
        Precision? precision = parse.GetValue(_precision);
        return !parse.GetValue(_int8) ? precision
            : precision is null or Llama.Encoders.Precision.Int8 ? Llama.Encoders.Precision.Int8
            : throw new ToolException($"--int8 and --precision {PrecisionWords.Of(precision.Value)} are two different precisions: write one of them.");
    }

    /// <summary>The layer that was chosen.</summary>
    public LayerSelector Layer(ParseResult parse) => parse.GetValue(_layer);

    // A layer that no template takes would be passed over in silence.
    private void ThrowIfUnused(ParseResult parse, TemplateSet templates)
    {
        if (parse.GetResult(_layer) is { Implicit: false } && templates.Templates.All(template => template.Layer is not null))
        {
            throw new ToolException($"Every template of '{templates.Name}' has a layer of its own, so that --layer makes no difference: leave it out, or change the layers in a copy of the set (metaeol templates show {templates.Name} --json).");
        }
    }

    private static DimensionFilter? ParseFilter(ArgumentResult result)
    {
        if (DimensionFilter.TryParse(result.Tokens[0].Value, null, out DimensionFilter filter) && filter != DimensionFilter.Off)
        {
            return filter;
        }

        result.AddError($"'{result.Tokens[0].Value}' is not a filter for --filter: write spectral, spectral:512, random or random:7.");
        return null;
    }

    private static LayerSelector ParseLayer(ArgumentResult result, string option)
    {
        if (!LayerSelector.TryParse(result.Tokens[0].Value, null, out LayerSelector layer))
        {
            result.AddError($"'{result.Tokens[0].Value}' is not a layer for {option}: write an index such as 24 or -1, a depth such as 75%, or last.");
        }

        return layer;
    }
}
