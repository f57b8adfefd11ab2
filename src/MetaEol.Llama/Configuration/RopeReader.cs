using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Configuration;

/// <summary>Reads the rotary embedding's parameters, in the spellings of all versions of transformers.</summary>
internal static class RopeReader
{
    private const double DefaultTheta = 10000;
    private const double MinimumTheta = 1 + 1e-9;
    private const double MaximumTheta = 1e18;
    private const double MaximumFactor = 1e6;
    private const string SupportedTypes = "one of 'default', 'linear', 'dynamic', 'llama3', 'yarn'";

    public static (double Theta, RopeScaling? Scaling) Read(JsonSection root, int maxPositions, int headDimension)
    {
        RejectPartialRotary(root);
        double theta = root.Number("rope_theta", MinimumTheta, MaximumTheta) ?? DefaultTheta;

        // Where both are given, transformers 5 takes the older key.
        string key = root.Section("rope_scaling") is { IsEmpty: false } ? "rope_scaling" : "rope_parameters";
        if (root.Section(key) is not { IsEmpty: false } section)
        {
            return (theta, null);
        }

        RejectPartialRotary(section);
        if (section.HasValue("full_attention") || section.HasValue("sliding_attention"))
        {
            throw root.Inconsistent($"'{key}' has different parameters by layer type, which is not supported; expected one set for all layers.");
        }

        theta = section.Number("rope_theta", MinimumTheta, MaximumTheta) ?? theta;
        return (theta, ReadScaling(root, section, ReadType(root, section, key), maxPositions, headDimension));
    }

    private static string ReadType(JsonSection root, JsonSection section, string key)
    {
        string? type = section.Text("rope_type"), older = section.Text("type");
        if (type is not null && older is not null && type != older)
        {
            throw root.Inconsistent(
                $"'{key}' has 'rope_type' {ModelFile.Quote(type)} and 'type' {ModelFile.Quote(older)}; expected one of them, or the same value in both.");
        }

        type ??= older;
        if (type is null && section.HasValue("factor"))
        {
            throw section.Missing("rope_type", SupportedTypes);
        }

        return type ?? "default";
    }

    private static RopeScaling? ReadScaling(JsonSection root, JsonSection section, string type, int maxPositions, int headDimension)
    {
        switch (type)
        {
            case "default":
                return null;
            case "linear":
                return new RopeScaling { Type = RopeType.Linear, Factor = ReadFactor(section), OriginalMaxPositionEmbeddings = maxPositions };
            case "dynamic":
                // The exponent of dynamic NTK is d / (d - 2).
                return headDimension > 2
                    ? new RopeScaling { Type = RopeType.Dynamic, Factor = ReadFactor(section), OriginalMaxPositionEmbeddings = maxPositions }
                    : throw root.Inconsistent($"rotary scaling 'dynamic' needs a head size of at least 4; it is {headDimension}.");
            case "llama3":
                return ReadLlama3(root, section, maxPositions);
            case "yarn":
                return ReadYarn(root, section, maxPositions);
            default:
                throw root.Inconsistent($"rotary scaling of type {ModelFile.Quote(type)} is not supported; expected {SupportedTypes}.");
        }
    }

    private static RopeScaling ReadLlama3(JsonSection root, JsonSection section, int maxPositions)
    {
        double low = ReadRequired(section, "low_freq_factor", 1e-6, MaximumFactor);
        double high = ReadRequired(section, "high_freq_factor", 1e-6, MaximumFactor);
        return low < high
            ? new RopeScaling
            {
                Type = RopeType.Llama3,
                Factor = ReadFactor(section),
                OriginalMaxPositionEmbeddings = ReadOriginalContext(root, section) ?? maxPositions,
                LowFrequencyFactor = low,
                HighFrequencyFactor = high,
            }
            : throw section.Invalid("high_freq_factor", $"more than 'low_freq_factor'");
    }

    private static RopeScaling ReadYarn(JsonSection root, JsonSection section, int maxPositions)
    {
        int? original = ReadOriginalContext(root, section);
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
                AttentionFactor = ReadAttentionFactor(section, factor),
                Truncate = section.Flag("truncate") ?? true,
            }
            : throw root.Inconsistent($"YaRN's 'beta_fast' is {betaFast} and 'beta_slow' is {betaSlow}; expected 'beta_fast' to be the larger one.");
    }

    private static double ReadAttentionFactor(JsonSection section, double factor)
    {
        if (section.Number("attention_factor", 1e-6, MaximumFactor) is { } given)
        {
            return given;
        }

        double? scale = NullIfZero(section.Number("mscale", 0, MaximumFactor));
        double? scaleAllDimensions = NullIfZero(section.Number("mscale_all_dim", 0, MaximumFactor));
        return scale is not null && scaleAllDimensions is not null
            ? AttentionScale(factor, scale.Value) / AttentionScale(factor, scaleAllDimensions.Value)
            : AttentionScale(factor, 1);
    }

    private static double AttentionScale(double factor, double scale) => factor <= 1 ? 1 : (0.1 * scale * Math.Log(factor)) + 1;

    private static double? NullIfZero(double? value) => value == 0 ? null : value;

    private static double ReadFactor(JsonSection section) => ReadRequired(section, "factor", 1, MaximumFactor);

    private static double ReadRequired(JsonSection section, string key, double minimum, double maximum) =>
        section.Number(key, minimum, maximum) ?? throw section.Missing(key, FormattableString.Invariant($"a number from {minimum} to {maximum}"));

    private static int? ReadOriginalContext(JsonSection root, JsonSection section) =>
        section.Integer("original_max_position_embeddings", 1) ?? root.Integer("original_max_position_embeddings", 1);

    private static void RejectPartialRotary(JsonSection section)
    {
        if (section.Number("partial_rotary_factor", 0, 1) is { } part && part != 1)
        {
            throw section.Invalid("partial_rotary_factor", "1: rotary embeddings over a part of the head are not supported");
        }
    }
}
