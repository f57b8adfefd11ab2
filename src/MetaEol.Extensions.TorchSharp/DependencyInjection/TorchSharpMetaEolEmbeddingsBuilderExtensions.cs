using MetaEol.Extensions;
using MetaEol.Extensions.DependencyInjection;
using MetaEol.Extensions.TorchSharp;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts libtorch in the place of the CPU encoder.</summary>
public static class TorchSharpMetaEolEmbeddingsBuilderExtensions
{
    /// <summary>Encodes on libtorch. The application references <c>TorchSharp-cpu</c>, <c>TorchSharp-cuda-windows</c> or <c>TorchSharp-cuda-linux</c>.</summary>
    /// <remarks>Threads, rows of a pass, prefix cache and precision are then those of <see cref="TorchSharpOptions"/>; those of the generator's options are the CPU encoder's.</remarks>
    /// <param name="builder">The registered generator.</param>
    /// <param name="configure">Sets the options; null takes the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <example><c>services.AddMetaEolEmbeddings("models/demo").UseTorchSharp(o => { o.Device = "cuda:0"; o.Precision = TorchPrecision.BFloat16; })</c></example>
    public static MetaEolEmbeddingsBuilder UseTorchSharp(this MetaEolEmbeddingsBuilder builder, Action<TorchSharpOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new TorchSharpOptions();
        configure?.Invoke(options);
        return builder.UseTorchSharp(options);
    }

    /// <summary>Encodes on libtorch, with options from a configuration section: <c>"TorchSharp": { "Device": "cuda:0", "Precision": "BFloat16" }</c>.</summary>
    /// <param name="builder">The registered generator.</param>
    /// <param name="section">The section that holds the options.</param>
    /// <exception cref="OptionsValidationException">A key is no option, a value cannot be read as the option's type, or it is out of its range; the failures name key, value and what is accepted.</exception>
    public static MetaEolEmbeddingsBuilder UseTorchSharp(this MetaEolEmbeddingsBuilder builder, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(section);
        var options = new TorchSharpOptions();
        List<string> failures = [];
        SectionBinder.Bind(section, options, failures);
        failures.AddRange(options.Failures());
        return failures.Count == 0 ? builder.UseTorchSharp(options) : throw new OptionsValidationException(section.Path, typeof(TorchSharpOptions), failures);
    }

    private static MetaEolEmbeddingsBuilder UseTorchSharp(this MetaEolEmbeddingsBuilder builder, TorchSharpOptions options)
    {
        // Wrong values are found where the service is registered, not at the first request.
        options.Validate();
        return builder.UseEncoder((provider, model) =>
        {
            // The layers of requests that name none; others are uploaded when they come.
            MetaEolOptions generator = provider.GetRequiredService<IOptionsMonitor<MetaEolOptions>>().Get(builder.OptionsName);
            int depth = generator.TemplateSet.ResolveLayers(generator.Layer, model.Config.LayerCount).Max();
            return new TorchSharpPromptEncoder(model.Config, model.Weights, options, provider.GetService<ILoggerFactory>()?.CreateLogger<TorchSharpPromptEncoder>(), depth);
        });
    }
}
