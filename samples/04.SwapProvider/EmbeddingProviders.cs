using MetaEol.Extensions;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OllamaSharp;
using OpenAI.Embeddings;

namespace MetaEol.Samples.SwapProvider;

/// <summary>The one place that knows which providers there are; everything else sees an <see cref="IEmbeddingGenerator"/>.</summary>
internal static class EmbeddingProviders
{
    /// <summary>Registers the provider that <c>Embeddings:Provider</c> names, with the settings below its name.</summary>
    public static IServiceCollection AddConfiguredEmbeddings(this IServiceCollection services, IConfigurationSection embeddings)
    {
        string provider = embeddings["Provider"] ?? "";
        IConfigurationSection settings = embeddings.GetSection(provider);
        switch (provider)
        {
            case "MetaEol":
                services.AddMetaEolEmbeddings(settings);
                return services;
            case "OpenAI":
                return services.Add(_ => new EmbeddingClient(Setting(settings, "Model"), Setting(settings, "ApiKey")).AsIEmbeddingGenerator());
            case "Ollama":
                return services.Add(_ => new OllamaApiClient(new Uri(Setting(settings, "Endpoint")), Setting(settings, "Model")));
            default:
                throw new InvalidOperationException($"Embeddings:Provider is '{provider}'; write MetaEol, OpenAI or Ollama.");
        }
    }

    /// <summary>Width of the vectors: MetaEol tells it, for the others the settings do.</summary>
    public static int Dimensions(IEmbeddingGenerator generator, IConfigurationSection embeddings) =>
        generator.GetService(typeof(EmbeddingGeneratorMetadata)) is EmbeddingGeneratorMetadata { DefaultModelDimensions: { } dimensions }
            ? dimensions
            : int.Parse(Setting(embeddings.GetSection(embeddings["Provider"] ?? ""), "Dimensions"), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>What the vectors depend on: vectors of different fingerprints must not be compared.</summary>
    public static async Task<string> FingerprintAsync(IEmbeddingGenerator generator, int dimensions)
    {
        // Weights, tokenizer, templates, layer and normalisation: a change of any of them changes it.
        if (generator.GetService(typeof(MetaEolEmbeddingGenerator)) is MetaEolEmbeddingGenerator metaEol)
        {
            return await metaEol.GetFingerprintAsync();
        }

        var metadata = generator.GetService(typeof(EmbeddingGeneratorMetadata)) as EmbeddingGeneratorMetadata;
        return $"{metadata?.ProviderName}/{metadata?.DefaultModelId}/{dimensions}";
    }

    private static string Setting(IConfigurationSection settings, string name) => settings[name] is { Length: > 0 } value
        ? value
        : throw new InvalidOperationException($"{settings.Path}:{name} is not set; write it to appsettings.json or to the environment as {settings.Path.Replace(":", "__", StringComparison.Ordinal)}__{name}.");

    private static IServiceCollection Add(this IServiceCollection services, Func<IServiceProvider, IEmbeddingGenerator<string, Embedding<float>>> create)
    {
        services.AddSingleton(create);
        return services.AddSingleton<IEmbeddingGenerator>(provider => provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>());
    }
}
