using MetaEol.Extensions.SmallVectors;
using MetaEol.Llama;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace MetaEol.Extensions.DependencyInjection;

/// <summary>Configures a registered generator further.</summary>
public sealed class MetaEolEmbeddingsBuilder
{
    internal MetaEolEmbeddingsBuilder(IServiceCollection services, object? serviceKey, string optionsName)
    {
        Services = services;
        ServiceKey = serviceKey;
        OptionsName = optionsName;
    }

    /// <summary>The services the generator is registered in.</summary>
    public IServiceCollection Services { get; }

    /// <summary>The key the generator is registered under, or null.</summary>
    public object? ServiceKey { get; }

    /// <summary>The name of this generator's <see cref="MetaEolOptions"/>: empty without a key.</summary>
    public string OptionsName { get; }

    /// <summary>Changes the options, after those given at registration.</summary>
    /// <param name="configure">Changes the options.</param>
    public MetaEolEmbeddingsBuilder Configure(Action<MetaEolOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.Configure(OptionsName, configure);
        return this;
    }

    /// <summary>
    /// Loads the model and embeds one text before the host has started, so that the first request is as fast as all others, and a model that cannot be used
    /// stops the start.
    /// </summary>
    public MetaEolEmbeddingsBuilder AddWarmUp()
    {
        Services.AddSingleton<IHostedService>(provider => new MetaEolWarmUpService(Resolve(provider)));
        return this;
    }

    /// <summary>
    /// Registers a generator for questions and one for documents under keys, over this one's model, which stays loaded once: <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> and
    /// <see cref="IEmbeddingGenerator"/>, for <c>[FromKeyedServices("query")]</c>. They differ where the template set has roles.
    /// </summary>
    /// <param name="queryKey">The key for questions. Null takes <c>query</c>, and <c>key:query</c> for a generator that is registered under a key.</param>
    /// <param name="documentKey">The key for documents. Null takes <c>document</c>, and <c>key:document</c> likewise.</param>
    /// <exception cref="ArgumentException">Both keys are the same.</exception>
    public MetaEolEmbeddingsBuilder AddRoleGenerators(object? queryKey = null, object? documentKey = null)
    {
        string prefix = ServiceKey is null ? "" : $"{OptionsName}:";
        queryKey ??= $"{prefix}query";
        documentKey ??= $"{prefix}document";
        if (queryKey.Equals(documentKey))
        {
            throw new ArgumentException($"Both generators would be registered under '{queryKey}': give them different keys.", nameof(documentKey));
        }

        AddKeyed(queryKey, generator => generator.AsQueryGenerator());
        AddKeyed(documentKey, generator => generator.AsDocumentGenerator());
        return this;
    }

    /// <summary>
    /// Adds a health check: healthy when the model is loaded or can be; it loads the model if it is not loaded yet. Degraded where the encoder works but something is out of order, such as one of several devices.
    /// </summary>
    /// <param name="name">The check's name. Null takes <c>metaeol</c>, and <c>metaeol:key</c> for a generator that is registered under a key.</param>
    /// <param name="failureStatus">The status of a failure; null takes <see cref="HealthStatus.Unhealthy"/>.</param>
    /// <param name="tags">Tags to filter checks by.</param>
    /// <param name="timeout">Longest time the check may take.</param>
    public MetaEolEmbeddingsBuilder AddHealthCheck(string? name = null, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null, TimeSpan? timeout = null)
    {
        name ??= ServiceKey is null ? "metaeol" : $"metaeol:{OptionsName}";
        ArgumentException.ThrowIfNullOrEmpty(name);
        Services.AddHealthChecks().Add(new HealthCheckRegistration(name, provider => new MetaEolHealthCheck(() => Resolve(provider)), failureStatus, tags, timeout));
        return this;
    }

    /// <summary>Registers vectors in half precision beside those in float32, over the same loaded model and under the same key: <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> of <see cref="Embedding{T}"/> of <see cref="Half"/>.</summary>
    public MetaEolEmbeddingsBuilder AddHalfEmbeddings() => AddGenerator(generator => generator.AsHalfGenerator());

    /// <summary>Registers 8-bit vectors beside those in float32, over the same loaded model and under the same key: <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> of <see cref="Embedding{T}"/> of <see cref="sbyte"/>. Their scale is that of <see cref="SmallVectorExtensions.AsInt8Generator"/>.</summary>
    public MetaEolEmbeddingsBuilder AddInt8Embeddings() => AddGenerator(generator => generator.AsInt8Generator());

    /// <summary>Registers vectors of signs beside those in float32, over the same loaded model and under the same key: <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> of <see cref="BinaryEmbedding"/>.</summary>
    public MetaEolEmbeddingsBuilder AddBinaryEmbeddings() => AddGenerator(generator => generator.AsBinaryGenerator());

    /// <summary>Puts an encoder over the model folder's weights in the place of the CPU encoder.</summary>
    /// <param name="createEncoder">Makes the encoder over the loaded model, once, when the model is loaded. The generator disposes it, before the model.</param>
    public MetaEolEmbeddingsBuilder UseEncoder(Func<IServiceProvider, LlamaModel, IPromptEncoder> createEncoder)
    {
        ArgumentNullException.ThrowIfNull(createEncoder);
        return UseEncoder(context => createEncoder(context.Services!, context.Model), hasOwnFiles: false);
    }

    /// <summary>
    /// Puts an encoder in the place of the CPU encoder that may bring files of its own: the model folder's configuration, tokenizer and weights are loaded only where it
    /// asks for them, and the folder need not hold them.
    /// </summary>
    /// <param name="createEncoder">Makes the encoder, once, when the model is loaded. The generator disposes it, before what it was made from.</param>
    public MetaEolEmbeddingsBuilder UseEncoder(Func<EncoderContext, IPromptEncoder> createEncoder)
    {
        ArgumentNullException.ThrowIfNull(createEncoder);
        return UseEncoder(createEncoder, hasOwnFiles: true);
    }

    /// <summary>Puts another tokenizer in the place of the built-in one.</summary>
    /// <param name="createTokenizer">Makes the tokenizer for the full path of the model folder, once, when the model is loaded.</param>
    public MetaEolEmbeddingsBuilder UseTokenizer(Func<IServiceProvider, string, ITokenizer> createTokenizer)
    {
        ArgumentNullException.ThrowIfNull(createTokenizer);
        Services.Configure<MetaEolComponents>(OptionsName, components => components.CreateTokenizer = (provider, folder) => createTokenizer(provider!, folder));
        return this;
    }

    private MetaEolEmbeddingsBuilder UseEncoder(Func<EncoderContext, IPromptEncoder> createEncoder, bool hasOwnFiles)
    {
        Services.Configure<MetaEolComponents>(OptionsName, components => (components.CreateEncoder, components.EncoderHasOwnFiles) = (createEncoder, hasOwnFiles));
        return this;
    }

    private void AddKeyed(object key, Func<MetaEolEmbeddingGenerator, IEmbeddingGenerator<string, Embedding<float>>> create)
    {
        Services.AddKeyedSingleton(key, (provider, _) => create(Resolve(provider)));
        Services.AddKeyedSingleton<IEmbeddingGenerator>(key, (provider, _) => provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(key));
    }

    // A second call changes nothing: the same generator twice would be no other.
    private MetaEolEmbeddingsBuilder AddGenerator<TEmbedding>(Func<MetaEolEmbeddingGenerator, IEmbeddingGenerator<string, TEmbedding>> create)
        where TEmbedding : Embedding
    {
        if (ServiceKey is null)
        {
            Services.TryAddSingleton(provider => create(Resolve(provider)));
        }
        else
        {
            Services.TryAddKeyedSingleton(ServiceKey, (provider, _) => create(Resolve(provider)));
        }

        return this;
    }

    private MetaEolEmbeddingGenerator Resolve(IServiceProvider provider) => ServiceKey is null
        ? provider.GetRequiredService<MetaEolEmbeddingGenerator>()
        : provider.GetRequiredKeyedService<MetaEolEmbeddingGenerator>(ServiceKey);
}
