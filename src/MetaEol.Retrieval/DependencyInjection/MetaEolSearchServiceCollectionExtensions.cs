using MetaEol.Retrieval;
using MetaEol.Retrieval.DependencyInjection;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers search over an index of documents.</summary>
/// <remarks>
/// Every overload registers a singleton <see cref="SearchIndex"/> over the registered <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> of <see cref="string"/> and
/// <see cref="Embedding{T}"/> of <see cref="float"/>. Nothing is read or written before its first call; its options are validated when the host starts.
/// </remarks>
public static class MetaEolSearchServiceCollectionExtensions
{
    /// <summary>Registers search with the options of the configuration section <c>MetaEolSearch</c>, where there is one.</summary>
    /// <param name="services">The services.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddMetaEolSearch(this IServiceCollection services)
    {
        Add(services, serviceKey: null).Configure<IServiceProvider>((options, provider) =>
            provider.GetService<IConfiguration>()?.GetSection(SearchIndexOptions.SectionName).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true));
        return services;
    }

    /// <summary>Registers search over an index file.</summary>
    /// <param name="services">The services.</param>
    /// <param name="path">The index file, made at the first update.</param>
    /// <param name="configure">Sets further options, or null.</param>
    /// <param name="serviceKey">The key to register under, and of the generator to use; null for those without a key.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddMetaEolSearch(this IServiceCollection services, string path, Action<SearchIndexOptions>? configure = null, object? serviceKey = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return services.AddMetaEolSearch(
            options =>
            {
                options.Path = path;
                configure?.Invoke(options);
            },
            serviceKey);
    }

    /// <summary>Registers search with options set in code.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options.</param>
    /// <param name="serviceKey">The key to register under, and of the generator to use; null for those without a key.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddMetaEolSearch(this IServiceCollection services, Action<SearchIndexOptions> configure, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Add(services, serviceKey).Configure(configure);
        return services;
    }

    private static OptionsBuilder<SearchIndexOptions> Add(IServiceCollection services, object? serviceKey)
    {
        ArgumentNullException.ThrowIfNull(services);
        string name = serviceKey switch
        {
            null => Options.Options.DefaultName,
            string key => key,
            _ => $"{serviceKey.GetType().FullName}:{serviceKey}",
        };

        // A second registration under the same key changes the options of the first; there is still one index.
        if (!services.Any(service => service.ServiceType == typeof(SearchIndex) && Equals(service.ServiceKey, serviceKey)))
        {
            services.AddSingleton<IValidateOptions<SearchIndexOptions>>(new SearchIndexOptionsValidator(name));
            SearchIndexOptions Read(IServiceProvider provider) => provider.GetRequiredService<IOptionsMonitor<SearchIndexOptions>>().Get(name);
            if (serviceKey is null)
            {
                services.AddSingleton(provider => new SearchIndex(provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>(), Read(provider)));
            }
            else
            {
                services.AddKeyedSingleton(
                    serviceKey, (provider, key) => new SearchIndex(provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(key), Read(provider)));
            }
        }

        return services.AddOptions<SearchIndexOptions>(name).ValidateOnStart();
    }
}
