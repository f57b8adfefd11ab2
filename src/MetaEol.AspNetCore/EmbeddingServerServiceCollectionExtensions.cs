using MetaEol.AspNetCore;
using MetaEol.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Sets the options of embedding endpoints.</summary>
public static class EmbeddingServerServiceCollectionExtensions
{
    /// <summary>Sets what the embedding endpoints of this application share: limits, keys, names. Models are loaded while the application already listens; without this, when they are first needed, or their readiness is asked for.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options, or null.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddEmbeddingServer(this IServiceCollection services, Action<EmbeddingServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        OptionsBuilder<EmbeddingServerOptions> options = services.AddOptions<EmbeddingServerOptions>();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddSingleton(provider => new EmbeddingGateway(provider));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ModelLoader>());
        return services;
    }
}
