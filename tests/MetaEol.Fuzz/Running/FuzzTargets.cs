using MetaEol.Fuzz.Targets;
using MetaEol.Fuzz.Tests;

namespace MetaEol.Fuzz.Running;

/// <summary>All targets. A new one is a class and a line here.</summary>
internal static class FuzzTargets
{
    private static readonly Dictionary<string, Func<FuzzTarget>> All = new()
    {
        ["safetensors"] = () => new SafetensorsTarget(),
        ["weight-index"] = () => new WeightIndexTarget(),
        ["weight-values"] = () => new WeightValuesTarget(),
        ["config"] = () => new ConfigTarget(),
        ["tokenizer"] = () => new TokenizerTarget(),
        ["tokenizer-settings"] = () => new TokenizerSettingsTarget(),
        ["sentencepiece"] = () => new SentencePieceTarget(),
        ["pattern"] = () => new PatternTarget(),
        ["templates"] = () => new TemplateSetTarget(),
        ["layer"] = () => new LayerTarget(),
        ["options"] = () => new OptionsTarget(),
        ["search-index"] = () => new SearchIndexTarget(),
        ["passages"] = () => new PassagesTarget(),
        ["ignore-rules"] = () => new IgnoreRulesTarget(),
        ["senteval"] = () => new SentEvalTarget(),
        ["collection"] = () => new CollectionTarget(),
        ["texts"] = () => new TextsTarget(),
        ["embed-state"] = () => new EmbedStateTarget(),
        ["command-line"] = () => new CommandLineTarget(),
        ["hub"] = () => new HubTarget(),
        ["chat"] = () => new ChatTarget(),
        ["http-bodies"] = () => new HttpBodyTarget(),
    };

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names => [.. All.Keys];

    /// <summary>Makes a target.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static FuzzTarget Create(string name) =>
        name == FaultyTarget.TargetName ? new FaultyTarget()
        : All.TryGetValue(name, out Func<FuzzTarget>? create) ? create()
        : throw new ArgumentException($"There is no target '{name}': there are {string.Join(", ", All.Keys)}.", nameof(name));
}
