using MetaEol.Llama.Encoding;
using Microsoft.Extensions.Options;

namespace MetaEol.Extensions.DependencyInjection;

/// <summary>Checks options at start, with messages that say what to write instead.</summary>
internal sealed class MetaEolOptionsValidator(string optionsName) : IValidateOptions<MetaEolOptions>
{
    public ValidateOptionsResult Validate(string? name, MetaEolOptions options)
    {
        if (name != optionsName)
        {
            return ValidateOptionsResult.Skip;
        }

        List<string> failures = [.. Failures(options, needsModelPath: true)];
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    /// <summary>Returns the options if they are valid.</summary>
    /// <exception cref="ArgumentException">They are not.</exception>
    public static MetaEolOptions ThrowIfInvalid(MetaEolOptions options, bool needsModelPath)
    {
        ArgumentNullException.ThrowIfNull(options);
        string failures = string.Join(" ", Failures(options, needsModelPath));
        return failures.Length == 0 ? options : throw new ArgumentException(failures, nameof(options));
    }

    private static IEnumerable<string> Failures(MetaEolOptions options, bool needsModelPath)
    {
        if (needsModelPath && ModelPathFailure(options.ModelPath) is string failure)
        {
            yield return failure;
        }

        if (TemplateSetFailure(options) is string templates)
        {
            yield return templates;
        }

        if (options.MaxTextTokens < 1)
        {
            yield return $"{nameof(options.MaxTextTokens)} is {options.MaxTextTokens}: write 1 or more, or leave it out for as many as fit the model.";
        }

        if (!Enum.IsDefined(options.TextOverflow))
        {
            yield return $"{nameof(options.TextOverflow)} is {options.TextOverflow}: write {string.Join(" or ", Enum.GetNames<TextOverflow>())}.";
        }

        if (options.Threads < 1)
        {
            yield return $"{nameof(options.Threads)} is {options.Threads}: write 1 or more, or leave it out for all processors.";
        }

        if (options.MicroBatchTokens < 1)
        {
            yield return $"{nameof(options.MicroBatchTokens)} is {options.MicroBatchTokens}: write 1 or more, such as 512.";
        }

        if (options.PrefixCacheBytes < 0)
        {
            yield return $"{nameof(options.PrefixCacheBytes)} is {options.PrefixCacheBytes}: write 0 (no cache) or more, such as 536870912.";
        }

        if (!Enum.IsDefined(options.Precision))
        {
            yield return $"{nameof(options.Precision)} is {options.Precision}: write {string.Join(" or ", Enum.GetNames<Precision>())}.";
        }

        if (options.ModelId is not null && string.IsNullOrWhiteSpace(options.ModelId))
        {
            yield return $"{nameof(options.ModelId)} is blank: write a name, or leave it out for the name of the model folder.";
        }
    }

    private static string? ModelPathFailure(string? path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            return $"{nameof(MetaEolOptions.ModelPath)} is missing: write \"{MetaEolOptions.SectionName}\": {{ \"{nameof(MetaEolOptions.ModelPath)}\": \"path/to/model-folder\" }} in appsettings.json, or AddMetaEolEmbeddings(\"path/to/model-folder\").";
        }

        string folder = Path.GetFullPath(path);
        if (!Directory.Exists(folder))
        {
            return $"{nameof(MetaEolOptions.ModelPath)} is '{path}', but there is no folder '{folder}': write the path of a Hugging Face model folder; a relative path starts at the current directory.";
        }

        return File.Exists(Path.Combine(folder, "config.json"))
            ? null
            : $"{nameof(MetaEolOptions.ModelPath)} is '{path}', but '{folder}' holds no config.json: write the folder that holds config.json, the tokenizer and the safetensors files.";
    }

    private static string? TemplateSetFailure(MetaEolOptions options)
    {
        try
        {
            options.ResolveTemplateSet();
            return null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or IOException or UnauthorizedAccessException)
        {
            return $"{nameof(MetaEolOptions.TemplateSet)} is '{options.TemplateSet}': {e.Message}";
        }
    }
}
