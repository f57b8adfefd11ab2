using MetaEol.Extensions;
using MetaEol.Extensions.DependencyInjection;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers MetaEOL embeddings.</summary>
/// <remarks>
/// Every overload registers a singleton, loaded at first use, as <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> of <see cref="string"/> and
/// <see cref="Embedding{T}"/> of <see cref="float"/>, as <see cref="IEmbeddingGenerator"/>, which vector stores ask for, and as
/// <see cref="MetaEolEmbeddingGenerator"/>. Its options are validated when the host starts.
/// </remarks>
public static class MetaEolServiceCollectionExtensions
{
    /// <summary>Registers embeddings with the options of the configuration section <c>MetaEol</c>.</summary>
    /// <param name="services">The services.</param>
    /// <returns>A builder to configure the generator further.</returns>
    public static MetaEolEmbeddingsBuilder AddMetaEolEmbeddings(this IServiceCollection services)
    {
        MetaEolEmbeddingsBuilder builder = Add(services, serviceKey: null);
        services.AddOptions<MetaEolOptions>(builder.OptionsName).Configure<IServiceProvider>((options, provider) =>
        {
            // Where there is no configuration, validation tells what to write.
            if (provider.GetService<IConfiguration>() is { } configuration)
            {
                Bind(configuration.GetSection(MetaEolOptions.SectionName), options, provider);
            }
        });
        return builder;
    }

    /// <summary>Registers embeddings with options set in code.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; at least <see cref="MetaEolOptions.ModelPath"/>.</param>
    /// <param name="serviceKey">The key to register under; null registers without a key.</param>
    /// <returns>A builder to configure the generator further.</returns>
    public static MetaEolEmbeddingsBuilder AddMetaEolEmbeddings(this IServiceCollection services, Action<MetaEolOptions> configure, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, serviceKey).Configure(configure);
    }

    /// <summary>Registers embeddings with the options of a configuration section.</summary>
    /// <param name="services">The services.</param>
    /// <param name="section">The section, with the property names of <see cref="MetaEolOptions"/>. A key that is none of them is an error; relative paths start at the host's content root.</param>
    /// <param name="serviceKey">The key to register under; null registers without a key.</param>
    /// <returns>A builder to configure the generator further.</returns>
    public static MetaEolEmbeddingsBuilder AddMetaEolEmbeddings(this IServiceCollection services, IConfigurationSection section, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        MetaEolEmbeddingsBuilder builder = Add(services, serviceKey);
        services.AddOptions<MetaEolOptions>(builder.OptionsName).Configure<IServiceProvider>((options, provider) => Bind(section, options, provider));
        return builder;
    }

    /// <summary>Registers embeddings of a model folder.</summary>
    /// <param name="services">The services.</param>
    /// <param name="modelPath">The Hugging Face model folder, or the name of a downloaded model; see <see cref="MetaEolOptions.ModelPath"/>.</param>
    /// <param name="configure">Sets further options, or null.</param>
    /// <param name="serviceKey">The key to register under; null registers without a key.</param>
    /// <returns>A builder to configure the generator further.</returns>
    public static MetaEolEmbeddingsBuilder AddMetaEolEmbeddings(
        this IServiceCollection services, string modelPath, Action<MetaEolOptions>? configure = null, object? serviceKey = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(modelPath);
        return Add(services, serviceKey).Configure(options =>
        {
            options.ModelPath = modelPath;
            configure?.Invoke(options);
        });
    }

    private static MetaEolEmbeddingsBuilder Add(IServiceCollection services, object? serviceKey)
    {
        ArgumentNullException.ThrowIfNull(services);
        string optionsName = serviceKey switch
        {
            null => Options.Options.DefaultName,
            string key => key,
            _ => $"{serviceKey.GetType().FullName}:{serviceKey}",
        };

        // A second registration under the same key changes the options of the first; there is still one generator.
        if (!services.Any(service => service.ServiceType == typeof(MetaEolEmbeddingGenerator) && Equals(service.ServiceKey, serviceKey)))
        {
            services.AddOptions<MetaEolOptions>(optionsName).ValidateOnStart();
            services.AddSingleton<IValidateOptions<MetaEolOptions>>(provider => new MetaEolOptionsValidator(optionsName, () => Components(provider, optionsName)));
            if (serviceKey is null)
            {
                services.AddSingleton(provider => Create(provider, optionsName));
                services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(provider => provider.GetRequiredService<MetaEolEmbeddingGenerator>());
                services.AddSingleton<IEmbeddingGenerator>(provider => provider.GetRequiredService<MetaEolEmbeddingGenerator>());
            }
            else
            {
                services.AddKeyedSingleton(serviceKey, (provider, _) => Create(provider, optionsName));
                services.AddKeyedSingleton<IEmbeddingGenerator<string, Embedding<float>>>(
                    serviceKey, (provider, key) => provider.GetRequiredKeyedService<MetaEolEmbeddingGenerator>(key));
                services.AddKeyedSingleton<IEmbeddingGenerator>(serviceKey, (provider, key) => provider.GetRequiredKeyedService<MetaEolEmbeddingGenerator>(key));
            }
        }

        return new MetaEolEmbeddingsBuilder(services, serviceKey, optionsName);
    }

    private static MetaEolEmbeddingGenerator Create(IServiceProvider provider, string optionsName) => new(
        provider.GetRequiredService<IOptionsMonitor<MetaEolOptions>>().Get(optionsName), Components(provider, optionsName), provider, provider.GetService<ILoggerFactory>());

    private static MetaEolComponents Components(IServiceProvider provider, string optionsName) => provider.GetRequiredService<IOptionsMonitor<MetaEolComponents>>().Get(optionsName);

    private static void Bind(IConfigurationSection section, MetaEolOptions options, IServiceProvider provider) =>
        OptionsBinder.Bind(section, options, provider.GetService<IHostEnvironment>()?.ContentRootPath);
}
