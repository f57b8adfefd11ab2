using MetaEol.AspNetCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Sets the options of embedding endpoints.</summary>
public static class EmbeddingServerServiceCollectionExtensions
{
    /// <summary>Sets what the embedding endpoints of this application share: limits, keys, names. Not needed where the defaults will do.</summary>
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
        return services;
    }
}
