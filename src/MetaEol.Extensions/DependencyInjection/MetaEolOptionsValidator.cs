using System.Globalization;
using MetaEol.Extensions.Filtering;
using MetaEol.Llama;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using Microsoft.Extensions.Options;

namespace MetaEol.Extensions.DependencyInjection;

/// <summary>Checks options at start, with messages that say what to write instead.</summary>
/// <param name="optionsName">The name of the options to check.</param>
/// <param name="components">Gives what stands in the place of encoder and tokenizer.</param>
internal sealed class MetaEolOptionsValidator(string optionsName, Func<MetaEolComponents> components) : IValidateOptions<MetaEolOptions>
{
    // As many as a message bears.
    private const int MostBindingFailures = 20;

    public ValidateOptionsResult Validate(string? name, MetaEolOptions options)
    {
        if (name != optionsName)
        {
            return ValidateOptionsResult.Skip;
        }

        List<string> failures = [.. Failures(options, components())];
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    /// <summary>Returns the options if they are valid.</summary>
    /// <param name="options">The options.</param>
    /// <param name="components">What stands in the place of encoder and tokenizer of a model folder; null where there is no folder.</param>
    /// <exception cref="ArgumentException">They are not.</exception>
    public static MetaEolOptions ThrowIfInvalid(MetaEolOptions options, MetaEolComponents? components)
    {
        ArgumentNullException.ThrowIfNull(options);
        string failures = string.Join(" ", Failures(options, components));
        return failures.Length == 0 ? options : throw new ArgumentException(failures, nameof(options));
    }

    private static IEnumerable<string> Failures(MetaEolOptions options, MetaEolComponents? components) =>
    [
        .. options.BindingFailures.Take(MostBindingFailures),
        .. options.BindingFailures.Count > MostBindingFailures ? [$"There are {options.BindingFailures.Count - MostBindingFailures} more such mistakes."] : Array.Empty<string>(),
        .. components is null ? [] : ModelFailures(options, components),
        .. OptionFailures(options),
        .. options.Cpu is null ? [$"{nameof(options.Cpu)} is null: leave it out for the defaults."] : CpuFailures(options.Cpu),
    ];

    private static IEnumerable<string> OptionFailures(MetaEolOptions options)
    {
        if (options.TemplateSet is null)
        {
            yield return $"{nameof(options.TemplateSet)} is null: leave it out for the default, or give a set.";
        }

        if (options.TemplateSet is { HaveOwnLayers: true } set && options.Layer != LayerSelector.Last)
        {
            yield return $"{nameof(options.Layer)} is {options.Layer}, but every template of {nameof(options.TemplateSet)} '{set.Name}' has a layer of its own: leave it out, or change the templates' layers.";
        }

        if (options.MaxTextTokens < 1)
        {
            yield return $"{nameof(options.MaxTextTokens)} is {options.MaxTextTokens}: write 1 or more, or leave it out for as many as fit the model.";
        }

        if (options.CallTokens < 1)
        {
            yield return $"{nameof(options.CallTokens)} is {options.CallTokens}: write 1 or more, such as 8192, or leave it out for 16 steps of the CPU encoder.";
        }

        if (options.MaxWaitingTokens < 1)
        {
            yield return $"{nameof(options.MaxWaitingTokens)} is {options.MaxWaitingTokens}: write 1 or more, such as 67108864.";
        }

        if (options.Dimensions < 1)
        {
            yield return $"{nameof(options.Dimensions)} is {options.Dimensions}: write 1 or more, or leave it out for the model's own number.";
        }

        if (options.CacheFolder is not null && (string.IsNullOrWhiteSpace(options.CacheFolder) || options.CacheFolder.Contains('\0', StringComparison.Ordinal)))
        {
            yield return $"{nameof(options.CacheFolder)} is {Excerpt.Of(options.CacheFolder)}: write the path of a folder, or leave it out.";
        }

        if (NotDefined(options.TextOverflow, nameof(options.TextOverflow)) is string overflow)
        {
            yield return overflow;
        }

        if (NotDefined(options.SpecialTokens, nameof(options.SpecialTokens)) is string special)
        {
            yield return special;
        }

        if (options.ModelId is not null && string.IsNullOrWhiteSpace(options.ModelId))
        {
            yield return $"{nameof(options.ModelId)} is blank: write a name, or leave it out for the name of the model folder.";
        }
    }

    private static IEnumerable<string> CpuFailures(CpuEncoderOptions cpu)
    {
        if (cpu.Threads is < 1 or > CpuEncoderOptions.MaximumThreads)
        {
            yield return $"Cpu:{nameof(cpu.Threads)} is {cpu.Threads}: write 1 to {CpuEncoderOptions.MaximumThreads}, or leave it out for all processors.";
        }

        if (cpu.StepRows < 1)
        {
            yield return $"Cpu:{nameof(cpu.StepRows)} is {cpu.StepRows}: write 1 or more, such as 512.";
        }

        if (cpu.PassBytes < 1)
        {
            yield return $"Cpu:{nameof(cpu.PassBytes)} is {cpu.PassBytes}: write 1 or more, such as 268435456.";
        }

        if (cpu.PrefixCacheBytes < 0)
        {
            yield return $"Cpu:{nameof(cpu.PrefixCacheBytes)} is {cpu.PrefixCacheBytes}: write 0 (no cache) or more, such as 536870912.";
        }

        if (!(cpu.FastestMaximumError > 0 && double.IsFinite(cpu.FastestMaximumError)))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"Cpu:{nameof(cpu.FastestMaximumError)} is {cpu.FastestMaximumError}: write a number above 0, such as 0.01.");
        }

        if (cpu.PrefixCachePath is { } path && (string.IsNullOrWhiteSpace(path) || path.Contains('\0', StringComparison.Ordinal)))
        {
            yield return $"Cpu:{nameof(cpu.PrefixCachePath)} is {Excerpt.Of(path)}: write the path of a folder, or leave it out.";
        }

        if (cpu.Precision is { } chosen && NotDefined(chosen, $"Cpu:{nameof(cpu.Precision)}") is string precision)
        {
            yield return precision;
        }
    }

    private static string? NotDefined<T>(T value, string name)
        where T : struct, Enum =>
        Enum.IsDefined(value) ? null : $"{name} is {value}: write {string.Join(" or ", Enum.GetNames<T>())}.";

    private static IEnumerable<string> ModelFailures(MetaEolOptions options, MetaEolComponents components)
    {
        if (string.IsNullOrWhiteSpace(options.ModelPath))
        {
            yield return $"{nameof(options.ModelPath)} is missing: write \"{MetaEolOptions.SectionName}\": {{ \"{nameof(options.ModelPath)}\": \"path/to/model-folder\" }} in appsettings.json, or AddMetaEolEmbeddings(\"path/to/model-folder\").";
            yield break;
        }

        string? failure = null;
        ModelLocation? folder = null;
        try
        {
            folder = ModelLocation.Find(options.ModelPath, options.ModelPathBase);
        }
        catch (Exception e) when (e is ArgumentException or InvalidModelException or IOException or UnauthorizedAccessException)
        {
            failure = e is ArgumentException ? "It holds a character that no path has." : e.Message;
        }

        if (folder is null)
        {
            yield return $"{nameof(options.ModelPath)} is {Excerpt.Of(options.ModelPath)}. {failure}";
        }
        else if (!components.EncoderHasOwnFiles && !File.Exists(Path.Combine(folder.Folder, "config.json")))
        {
            yield return $"{nameof(options.ModelPath)} is {Excerpt.Of(options.ModelPath)}, but '{folder.Folder}' holds no config.json: write the folder that holds config.json, the tokenizer and the safetensors files.";
        }
        else if (!components.EncoderHasOwnFiles && ReadConfig(folder.Folder) is { } config)
        {
            if (LayerFailure(options, config.LayerCount) is string layer)
            {
                yield return layer;
            }

            if (options.Dimensions >= 1 && DimensionsFailure(options, config.HiddenSize, options.ModelId ?? folder.Name) is string dimensions)
            {
                yield return dimensions;
            }
        }
    }

    private static LlamaConfig? ReadConfig(string folder)
    {
        try
        {
            return LlamaConfig.Load(folder);
        }
        catch (InvalidModelException)
        {
            // Options do not make a model good: what is wrong with its files meets the load, which says it in full.
            return null;
        }
    }

    private static string? DimensionsFailure(MetaEolOptions options, int own, string model)
    {
        try
        {
            DimensionWindow.Resolve(options.Dimensions, options.Filter, own, model);
            return null;
        }
        catch (ArgumentException e)
        {
            return e.Message;
        }
    }

    private static string? LayerFailure(MetaEolOptions options, int layers)
    {
        string? failure = Failure(nameof(MetaEolOptions.Layer), () => options.Layer.Resolve(layers));
        failure ??= Failure(nameof(MetaEolOptions.TemplateSet), () => options.TemplateSet?.ResolveLayers(LayerSelector.Last, layers));
        return failure ?? (options.TokenPrepending ? Failure(nameof(MetaEolOptions.TokenPrependingEnd), () => PrependingLayers.Resolve(options.TokenPrependingEnd, layers)) : null);
    }

    private static string? Failure(string option, Action resolve)
    {
        try
        {
            resolve();
            return null;
        }
        catch (ArgumentException e)
        {
            return $"{option}: {e.Message}";
        }
    }
}
