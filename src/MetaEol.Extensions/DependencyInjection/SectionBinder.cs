using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace MetaEol.Extensions.DependencyInjection;

/// <summary>
/// Sets options from a configuration section, for every options class of the library. A configuration binder would pass over a misspelt key, and says of a wrong value neither what is accepted
/// nor what else is wrong.
/// </summary>
internal static class SectionBinder
{
    /// <summary>Sets what each key of the section names.</summary>
    /// <param name="section">The section.</param>
    /// <param name="target">The options.</param>
    /// <param name="failures">Receives what is wrong: the key, its value, and what is accepted.</param>
    public static void Bind<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TOptions>(IConfigurationSection section, TOptions target, List<string> failures)
    {
        foreach (IConfigurationSection entry in section.GetChildren())
        {
            SetProperty(entry, target, failures);
        }
    }

    // The annotations keep the options' properties in a trimmed application.
    public static void SetProperty<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TOptions>(IConfigurationSection entry, TOptions target, List<string> failures)
    {
        PropertyInfo? property = Properties(typeof(TOptions)).FirstOrDefault(property => property.Name.Equals(entry.Key, StringComparison.OrdinalIgnoreCase));
        if (property is null)
        {
            failures.Add($"{entry.Path} is not an option: here stand {Names(typeof(TOptions))}.");
            return;
        }

        if (property.PropertyType == typeof(IList<string>) && entry.Value is null)
        {
            property.SetValue(target, entry.GetChildren().Select(item => item.Value ?? "").ToList());
            return;
        }

        Set(entry, failures, () => property.SetValue(target, Convert(entry.Value!, property.PropertyType)));
    }

    public static void Set(IConfigurationSection entry, List<string> failures, Action set)
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

        if (type == typeof(IList<string>))
        {
            return new List<string> { value };
        }

        if (type == typeof(LayerSelector))
        {
            return LayerSelector.Parse(value, CultureInfo.InvariantCulture);
        }

        if (type == typeof(DimensionFilter))
        {
            return DimensionFilter.Parse(value, CultureInfo.InvariantCulture);
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

    public static string Names([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] Type type) => string.Join(", ", Properties(type).Select(property => property.Name));
}
