using MetaEol.Extensions;
using MetaEol.Extensions.DependencyInjection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.SemanticKernel;

/// <summary>Adds MetaEOL embeddings to a kernel.</summary>
/// <remarks>
/// Each overload calls <c>builder.Services.AddMetaEolEmbeddings</c> of the same arguments, and hands what that returns to the last one: there stand another encoder, a health check, a warm-up.
/// </remarks>
public static class MetaEolKernelBuilderExtensions
{
    /// <summary>Adds embeddings of a model folder.</summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="modelPath">The Hugging Face model folder.</param>
    /// <param name="configure">Sets further options, or null.</param>
    /// <param name="serviceId">The service id to register under; null registers without one.</param>
    /// <param name="with">Configures the generator further, as in <c>embeddings => embeddings.UseTorchSharp()</c>; or null.</param>
    /// <returns>The kernel builder.</returns>
    public static IKernelBuilder AddMetaEolEmbeddingGenerator(this IKernelBuilder builder, string modelPath, Action<MetaEolOptions>? configure = null, string? serviceId = null, Action<MetaEolEmbeddingsBuilder>? with = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        MetaEolEmbeddingsBuilder embeddings = builder.Services.AddMetaEolEmbeddings(modelPath, configure, serviceId);
        with?.Invoke(embeddings);
        return builder;
    }

    /// <summary>Adds embeddings with options set in code.</summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="configure">Sets the options; at least <see cref="MetaEolOptions.ModelPath"/>.</param>
    /// <param name="serviceId">The service id to register under; null registers without one.</param>
    /// <param name="with">Configures the generator further, as in <c>embeddings => embeddings.UseTorchSharp()</c>; or null.</param>
    /// <returns>The kernel builder.</returns>
    public static IKernelBuilder AddMetaEolEmbeddingGenerator(this IKernelBuilder builder, Action<MetaEolOptions> configure, string? serviceId = null, Action<MetaEolEmbeddingsBuilder>? with = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        MetaEolEmbeddingsBuilder embeddings = builder.Services.AddMetaEolEmbeddings(configure, serviceId);
        with?.Invoke(embeddings);
        return builder;
    }

    /// <summary>Adds embeddings with the options of a configuration section.</summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="section">The section, with the property names of <see cref="MetaEolOptions"/>.</param>
    /// <param name="serviceId">The service id to register under; null registers without one.</param>
    /// <param name="with">Configures the generator further, as in <c>embeddings => embeddings.UseTorchSharp()</c>; or null.</param>
    /// <returns>The kernel builder.</returns>
    public static IKernelBuilder AddMetaEolEmbeddingGenerator(this IKernelBuilder builder, IConfigurationSection section, string? serviceId = null, Action<MetaEolEmbeddingsBuilder>? with = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        MetaEolEmbeddingsBuilder embeddings = builder.Services.AddMetaEolEmbeddings(section, serviceId);
        with?.Invoke(embeddings);
        return builder;
    }
}
