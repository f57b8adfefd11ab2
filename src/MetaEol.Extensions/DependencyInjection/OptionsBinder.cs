using MetaEol.Extensions.Prompting;
using MetaEol.Llama.Encoders;
using Microsoft.Extensions.Configuration;

namespace MetaEol.Extensions.DependencyInjection;

/// <summary>Reads <see cref="MetaEolOptions"/> from a configuration section.</summary>
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
                BindCpu(entry, options, contentRoot);
            }
            else if (entry.Key.Equals(nameof(MetaEolOptions.ModelPath), StringComparison.OrdinalIgnoreCase))
            {
                SectionBinder.Set(entry, options.BindingFailures, () => options.SetModelPath(entry.Value!, contentRoot));
            }
            else if (entry.Key.Equals(nameof(MetaEolOptions.TemplateSet), StringComparison.OrdinalIgnoreCase))
            {
                SectionBinder.Set(entry, options.BindingFailures, () => options.TemplateSet = TemplateSet.Load(entry.Value!, contentRoot));
            }
            else if (entry.Key.Equals(nameof(MetaEolOptions.CacheFolder), StringComparison.OrdinalIgnoreCase))
            {
                SectionBinder.Set(entry, options.BindingFailures, () => options.CacheFolder = entry.Value!.Length == 0 ? null
                    : string.IsNullOrWhiteSpace(entry.Value) ? entry.Value : Path.GetFullPath(entry.Value, Path.GetFullPath(contentRoot ?? ".")));
            }
            else if (Moved.TryGetValue(entry.Key, out string? place))
            {
                options.BindingFailures.Add($"{entry.Path} has moved: write {place} in its place.");
            }
            else
            {
                SectionBinder.SetProperty(entry, options, options.BindingFailures);
            }
        }
    }

    private static void BindCpu(IConfigurationSection section, MetaEolOptions options, string? contentRoot)
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            options.BindingFailures.Add($"{section.Path} is {Excerpt.Of(section.Value)}: it is a section with {SectionBinder.Names(typeof(CpuEncoderOptions))}.");
        }

        options.Cpu ??= new CpuEncoderOptions();
        SectionBinder.Bind(section, options.Cpu, options.BindingFailures);
        if (contentRoot is not null && !string.IsNullOrWhiteSpace(section[nameof(CpuEncoderOptions.PrefixCachePath)]))
        {
            options.Cpu.PrefixCachePath = Path.Combine(contentRoot, options.Cpu.PrefixCachePath!);
        }
    }
}
