using MetaEol.Fuzz.Targets;
using MetaEol.Fuzz.Tests;

namespace MetaEol.Fuzz.Running;

/// <summary>All targets. A new one is a class and a line here.</summary>
internal static class FuzzTargets
{
    private static readonly Dictionary<string, Func<FuzzTarget>> All = ((Func<FuzzTarget>[])
    [
        () => new SafetensorsTarget(),
        () => new WeightIndexTarget(),
        () => new WeightValuesTarget(),
        () => new ConfigTarget(),
        () => new TokenizerTarget(),
        () => new TokenizerSettingsTarget(),
        () => new SentencePieceTarget(),
        () => new PatternTarget(),
        () => new TemplateSetTarget(),
        () => new LayerTarget(),
        () => new OptionsTarget(),
        () => new SentEvalTarget(),
    ]).ToDictionary(NameOf);

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names => [.. All.Keys];

    /// <summary>Makes a target.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static FuzzTarget Create(string name) =>
        name == FaultyTarget.TargetName ? new FaultyTarget()
        : All.TryGetValue(name, out Func<FuzzTarget>? create) ? create()
        : throw new ArgumentException($"There is no target '{name}': there are {string.Join(", ", All.Keys)}.", nameof(name));

    private static string NameOf(Func<FuzzTarget> create)
    {
        using FuzzTarget target = create();
        return target.Name;
    }
}
