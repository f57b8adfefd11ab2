using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Configuration;

/// <summary>Reads the rotary embeddings' parameters, in the spellings of all versions of transformers.</summary>
internal static class RopeReader
{
    private const int DefaultNoRopeInterval = 4;
    private const double MinimumTheta = 1 + 1e-9;
    private const double MaximumTheta = 1e18;
    private const double MinimumFactor = 1e-6;
    private const double MaximumFactor = 1e6;
    private const string Scaling = "rope_scaling", Parameters = "rope_parameters", FullLayers = "full_attention", SlidingLayers = "sliding_attention";
    private const string SupportedTypes = "one of 'default', 'linear', 'dynamic', 'llama3', 'yarn', 'longrope'";

    /// <summary>For each layer, whether it has a rotary embedding.</summary>
    public static bool[] ReadLayersWithRotary(JsonSection root, ModelFamily family, int layers)
    {
        if (!family.ReadsNoRopeLayers)
        {
            return [.. Enumerable.Repeat(true, layers)];
        }

        const string Key = "no_rope_layers";
        if (root.Numbers(Key, 0, 1) is not { } given)
        {
            int interval = root.Integer("no_rope_layer_interval", 1) ?? DefaultNoRopeInterval;
            return [.. Enumerable.Range(1, layers).Select(number => number % interval != 0)];
        }

        // Hugging Face takes a longer list, and despite the key's name 1 stands for a layer that has it.
        return given.Length >= layers && given.All(flag => flag is 0 or 1)
            ? [.. given.Take(layers).Select(flag => flag == 1)]
            : throw root.Invalid(Key, $"1 (rotary embedding) or 0 (none) for each of the {layers} layers");
    }

    /// <summary>For each layer its parameters, or null.</summary>
    /// <param name="root">The configuration.</param>
    /// <param name="family">The family.</param>
    /// <param name="maxPositions">The model's context.</param>
    /// <param name="headDimension">Width of a head.</param>
    /// <param name="hasRotary">For each layer, whether it has a rotary embedding.</param>
    /// <param name="windows">For each layer, its sliding window or null.</param>
    public static RotaryParameters?[] Read(JsonSection root, ModelFamily family, int maxPositions, int headDimension, bool[] hasRotary, int?[] windows)
    {
        // Where both are given, transformers 5 takes the older key.
        string key = NonEmpty(root, Scaling) is not null ? Scaling : Parameters;
        JsonSection? section = NonEmpty(root, key);
        JsonSection? byType = family.SlidingRopeTheta is null ? null : NonEmpty(root, Parameters);
        if (byType is { } types && !types.HasValue(FullLayers) && !types.HasValue(SlidingLayers))
        {
            throw root.Inconsistent($"'{Parameters}' of {family.Architecture} has neither '{FullLayers}' nor '{SlidingLayers}'; expected an object for each.");
        }

        if (byType is null && section is { } flat && (flat.HasValue(FullLayers) || flat.HasValue(SlidingLayers)))
        {
            throw root.Inconsistent($"'{key}' has different parameters by layer type, which is not supported for {family.Architecture}; expected one set for all layers.");
        }

        double? theta = root.Number("rope_theta", MinimumTheta, MaximumTheta);
        JsonSection? full = byType is { } nested && key == Parameters ? nested.Section(FullLayers) : section;
        RotaryParameters all = ReadOne(root, family, full, (byType?.Section(FullLayers) ?? full)?.Number("rope_theta", MinimumTheta, MaximumTheta) ?? theta ?? family.RopeTheta, maxPositions, headDimension);
        RotaryParameters sliding = all;
        if (family.SlidingRopeTheta is { } slidingTheta)
        {
            JsonSection? local = byType?.Section(SlidingLayers);
            double? localTheta = local?.Number("rope_theta", MinimumTheta, MaximumTheta) ?? root.Number("rope_local_base_freq", MinimumTheta, MaximumTheta);
            sliding = ReadOne(root, family, local, localTheta ?? slidingTheta, maxPositions, headDimension);
        }

        // One rotary key per prompt says which frequencies it has.
        return DependsOnLength(all) && DependsOnLength(sliding) && all != sliding
            ? throw root.Inconsistent($"'{Parameters}' scales both kinds of layers by the prompt's length, which is not supported; expected 'dynamic' or 'longrope' for one of them at most.")
            : [.. hasRotary.Select((has, layer) => !has ? null : windows[layer] is null ? all : sliding)];
    }

    private static bool DependsOnLength(RotaryParameters rotary) => rotary.Scaling?.Type is RopeType.Dynamic or RopeType.LongRope;

    private static JsonSection? NonEmpty(JsonSection root, string key) => root.Section(key) is { IsEmpty: false } section ? section : null;

    private static RotaryParameters ReadOne(JsonSection root, ModelFamily family, JsonSection? section, double theta, int maxPositions, int headDimension)
    {
        int dimensions = ReadDimensions(root, family, section, headDimension);
        var plain = new RotaryParameters { Theta = theta, Dimensions = dimensions };
        return section is { } given ? plain with { Scaling = ReadScaling(root, family, given, plain, maxPositions) } : plain;
    }

    private static int ReadDimensions(JsonSection root, ModelFamily family, JsonSection? section, int headDimension)
    {
        const string Key = "partial_rotary_factor";
        JsonSection giver = section is { } given && given.HasValue(Key) ? given : root;
        double part = giver.Number(Key, 0, 1) ?? 1;
        if (part != 1 && !family.PartialLongRope)
        {
            throw giver.Invalid(Key, $"1: {family.Architecture} rotates whole heads");
        }

        int dimensions = (int)(headDimension * part);
        return dimensions >= 1 ? dimensions : throw giver.Invalid(Key, $"at least one of a head's {headDimension} dimensions");
    }

    private static string ReadType(JsonSection root, ModelFamily family, JsonSection section)
    {
        string? Named(string key) => section.Text(key) switch
        {
            "su" or "yarn" when family.PartialLongRope => "longrope",
            var name => name,
        };

        string? type = Named("rope_type"), older = Named("type");
        if (type is not null && older is not null && type != older)
        {
            throw root.Inconsistent(
                $"the rotary scaling has 'rope_type' {ModelFile.Quote(type)} and 'type' {ModelFile.Quote(older)}; expected one of them, or the same value in both.");
        }

        type ??= older;
        string supported = family.PartialLongRope ? "'default' or 'longrope'" : SupportedTypes;
        if (type is null && (section.HasValue("factor") || section.HasValue("long_factor")))
        {
            throw section.Missing("rope_type", supported);
        }

        type ??= "default";
        return type is "default" or "longrope" || (!family.PartialLongRope && type is "linear" or "dynamic" or "llama3" or "yarn")
            ? type
            : throw root.Inconsistent($"rotary scaling of type {ModelFile.Quote(type)} is not supported for {family.Architecture}; expected {supported}.");
    }

    private static RopeScaling? ReadScaling(JsonSection root, ModelFamily family, JsonSection section, RotaryParameters plain, int maxPositions)
    {
        switch (ReadType(root, family, section))
        {
            case "linear":
                return new RopeScaling { Type = RopeType.Linear, Factor = ReadFactor(section), OriginalMaxPositionEmbeddings = maxPositions };
            case "dynamic":
                // The exponent of dynamic NTK is d / (d - 2).
                return plain.Dimensions > 2
                    ? new RopeScaling { Type = RopeType.Dynamic, Factor = ReadFactor(section), OriginalMaxPositionEmbeddings = maxPositions }
                    : throw root.Inconsistent($"rotary scaling 'dynamic' needs a head size of at least 4; it is {plain.Dimensions}.");
            case "llama3":
                return ReadLlama3(root, section, maxPositions);
            case "yarn":
                return ReadYarn(root, section, maxPositions);
            case "longrope":
                return ReadLongRope(root, family, section, plain.Pairs, maxPositions);
            default:
                return null;
        }
    }

    private static RopeScaling ReadLlama3(JsonSection root, JsonSection section, int maxPositions)
    {
        double low = ReadRequired(section, "low_freq_factor", MinimumFactor);
        double high = ReadRequired(section, "high_freq_factor", MinimumFactor);
        return low < high
            ? new RopeScaling
            {
                Type = RopeType.Llama3,
                Factor = ReadFactor(section),
                OriginalMaxPositionEmbeddings = ReadOriginalContext(section) ?? ReadOriginalContext(root) ?? maxPositions,
                LowFrequencyFactor = low,
                HighFrequencyFactor = high,
            }
            : throw section.Invalid("high_freq_factor", $"more than 'low_freq_factor'");
    }

    private static RopeScaling ReadYarn(JsonSection root, JsonSection section, int maxPositions)
    {
        int? original = ReadOriginalContext(section) ?? ReadOriginalContext(root);
        double factor = section.Number("factor", 1, MaximumFactor)
            ?? (original is { } context && context <= maxPositions ? (double)maxPositions / context : throw section.Missing("factor", $"a number from 1 to {MaximumFactor}"));

        // Zero stands for the default here, as in transformers.
        double betaFast = NullIfZero(section.Number("beta_fast", 0, MaximumFactor)) ?? 32;
        double betaSlow = NullIfZero(section.Number("beta_slow", 0, MaximumFactor)) ?? 1;
        return betaSlow <= betaFast
            ? new RopeScaling
            {
                Type = RopeType.Yarn,
                Factor = factor,
                OriginalMaxPositionEmbeddings = original ?? maxPositions,
                BetaFast = betaFast,
                BetaSlow = betaSlow,
                AttentionFactor = ReadYarnAttentionFactor(section, factor),
                Truncate = section.Flag("truncate") ?? true,
            }
            : throw root.Inconsistent($"YaRN's 'beta_fast' is {betaFast} and 'beta_slow' is {betaSlow}; expected 'beta_fast' to be the larger one.");
    }

    private static double ReadYarnAttentionFactor(JsonSection section, double factor)
    {
        if (ReadAttentionFactor(section) is { } given)
        {
            return given;
        }

        double? scale = NullIfZero(section.Number("mscale", 0, MaximumFactor));
        double? scaleAllDimensions = NullIfZero(section.Number("mscale_all_dim", 0, MaximumFactor));
        return scale is not null && scaleAllDimensions is not null
            ? AttentionScale(factor, scale.Value) / AttentionScale(factor, scaleAllDimensions.Value)
            : AttentionScale(factor, 1);
    }

    private static RopeScaling ReadLongRope(JsonSection root, ModelFamily family, JsonSection section, int pairs, int maxPositions)
    {
        // The key at the top decides, and with it the ratio of the contexts even where a factor is given.
        int? top = ReadOriginalContext(root) ?? family.OriginalMaxPositionEmbeddings;
        double original = top ?? ReadOriginalContext(section) ?? maxPositions;
        double? given = section.Number("factor", MinimumFactor, MaximumFactor);
        double factor = top is null && given is not null ? given.Value : maxPositions / original;
        return original >= 2
            ? new RopeScaling
            {
                Type = RopeType.LongRope,
                Factor = factor,
                OriginalMaxPositionEmbeddings = (int)original,
                AttentionFactor = ReadAttentionFactor(section) ?? (factor <= 1 ? 1 : Math.Sqrt(1 + (Math.Log(factor) / Math.Log(original)))),
                ShortFactors = ReadFactors(section, "short_factor", pairs),
                LongFactors = ReadFactors(section, "long_factor", pairs),
            }
            : throw root.Inconsistent($"the context before rotary scaling 'longrope' is {original}; expected at least 2 in 'original_max_position_embeddings'.");
    }

    private static double[] ReadFactors(JsonSection section, string key, int pairs)
    {
        string expected = $"{pairs} numbers, one for each rotated pair of a head's dimensions";
        double[] factors = section.Numbers(key, MinimumFactor, MaximumFactor) ?? throw section.Missing(key, expected);
        return factors.Length == pairs ? factors : throw section.Invalid(key, expected);
    }

    private static double AttentionScale(double factor, double scale) => factor <= 1 ? 1 : (0.1 * scale * Math.Log(factor)) + 1;

    private static double? NullIfZero(double? value) => value == 0 ? null : value;

    private static double? ReadAttentionFactor(JsonSection section) => section.Number("attention_factor", MinimumFactor, MaximumFactor);

    private static double ReadFactor(JsonSection section) => ReadRequired(section, "factor", 1);

    private static double ReadRequired(JsonSection section, string key, double minimum) =>
        section.Number(key, minimum, MaximumFactor) ?? throw section.Missing(key, FormattableString.Invariant($"a number from {minimum} to {MaximumFactor}"));

    private static int? ReadOriginalContext(JsonSection section) => section.Integer("original_max_position_embeddings", 1);
}
