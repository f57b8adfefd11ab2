using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama.Encoders;
using Microsoft.Extensions.Configuration;

namespace MetaEol.Extensions.DependencyInjection;

/// <summary>
/// Reads <see cref="MetaEolOptions"/> from a configuration section. A configuration binder would pass over a misspelt key, and says of a wrong value neither what is accepted
/// nor what else is wrong.
/// </summary>
internal static class OptionsBinder
{
    private static readonly Dictionary<string, string> Moved = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Threads"] = "\"Cpu\": { \"Threads\": ... }",
        ["MicroBatchTokens"] = "\"Cpu\": { \"StepRows\": ... }",
        ["PrefixCacheBytes"] = "\"Cpu\": { \"PrefixCacheBytes\": ... }",
        ["Precision"] = "\"Cpu\": { \"Precision\": ... }",
        ["CustomTemplateSet"] = "\"TemplateSet\": ...",
    };

    /// <summary>Sets what the section holds; what is wrong with it is noted in the options, for their validation.</summary>
    /// <param name="section">The section.</param>
    /// <param name="options">The options.</param>
    /// <param name="contentRoot">Where relative paths start; null takes the current directory.</param>
    public static void Bind(IConfigurationSection section, MetaEolOptions options, string? contentRoot)
    {
        foreach (IConfigurationSection entry in section.GetChildren())
        {
            if (entry.Key.Equals(nameof(MetaEolOptions.Cpu), StringComparison.OrdinalIgnoreCase))
            {
                BindCpu(entry, options);
            }
            else if (entry.Key.Equals(nameof(MetaEolOptions.ModelPath), StringComparison.OrdinalIgnoreCase))
            {
                Set(entry, options.BindingFailures, () => options.SetModelPath(entry.Value!, contentRoot));
            }
            else if (entry.Key.Equals(nameof(MetaEolOptions.TemplateSet), StringComparison.OrdinalIgnoreCase))
            {
                Set(entry, options.BindingFailures, () => options.TemplateSet = TemplateSet.Load(entry.Value!, contentRoot));
            }
            else if (Moved.TryGetValue(entry.Key, out string? place))
            {
                options.BindingFailures.Add($"{entry.Path} has moved: write {place} in its place.");
            }
            else
            {
                SetProperty(entry, options, options.BindingFailures);
            }
        }
    }

    private static void BindCpu(IConfigurationSection section, MetaEolOptions options)
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            options.BindingFailures.Add($"{section.Path} is {Excerpt.Of(section.Value)}: it is a section with {Names(typeof(CpuEncoderOptions))}.");
        }

        options.Cpu ??= new CpuEncoderOptions();
        foreach (IConfigurationSection entry in section.GetChildren())
        {
            SetProperty(entry, options.Cpu, options.BindingFailures);
        }
    }

    // The annotations keep the options' properties in a trimmed application.
    private static void SetProperty<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TOptions>(IConfigurationSection entry, TOptions target, List<string> failures)
    {
        PropertyInfo? property = Properties(typeof(TOptions)).FirstOrDefault(property => property.Name.Equals(entry.Key, StringComparison.OrdinalIgnoreCase));
        if (property is null)
        {
            failures.Add($"{entry.Path} is not an option: here stand {Names(typeof(TOptions))}.");
            return;
        }

        Set(entry, failures, () => property.SetValue(target, Convert(entry.Value!, property.PropertyType)));
    }

    private static void Set(IConfigurationSection entry, List<string> failures, Action set)
    {
        if (entry.Value is null)
        {
            // A null says nothing; only a section in the place of a value is a mistake.
            if (entry.GetChildren().Any())
            {
                failures.Add($"{entry.Path} is a section: write one value.");
            }

            return;
        }

        try
        {
            set();
        }
        catch (Exception e) when (e is FormatException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            failures.Add($"{entry.Path} is {Excerpt.Of(entry.Value)}: {(e is ArgumentException { ParamName: { } name } ? e.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : e.Message)}");
        }
    }

    private static object? Convert(string value, Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return value.Length == 0 ? null : Convert(value, underlying);
        }

        if (type == typeof(string))
        {
            return value;
        }

        if (type == typeof(LayerSelector))
        {
            return LayerSelector.Parse(value, CultureInfo.InvariantCulture);
        }

        if (type == typeof(bool))
        {
            return bool.TryParse(value, out bool flag) ? flag : throw new FormatException("write true or false.");
        }

        if (type.IsEnum)
        {
            return Enum.TryParse(type, value, ignoreCase: true, out object? member) ? member : throw new FormatException($"write {string.Join(" or ", Enum.GetNames(type))}.");
        }

        if (type == typeof(int))
        {
            return int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out int number) ? number : throw new FormatException($"write a whole number up to {int.MaxValue}.");
        }

        if (type == typeof(long))
        {
            return long.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out long number) ? number : throw new FormatException($"write a whole number up to {long.MaxValue}.");
        }

        return double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) ? real : throw new FormatException("write a number such as 0.01.");
    }

    private static IEnumerable<PropertyInfo> Properties([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] Type type) => type.GetProperties().Where(property => property.CanWrite);

    private static string Names([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] Type type) => string.Join(", ", Properties(type).Select(property => property.Name));
}
