using Microsoft.Extensions.AI;

namespace MetaEol.Extensions;

/// <summary>A generator that embeds every text in one role, over a generator that it does not own.</summary>
internal sealed class RoleGenerator(IEmbeddingGenerator<string, Embedding<float>> inner, TextRole role) : IEmbeddingGenerator<string, Embedding<float>>
{
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        MetaEolEmbeddingGenerationOptions own = options is MetaEolEmbeddingGenerationOptions given ? (MetaEolEmbeddingGenerationOptions)given.Clone() : new(options);
        if (own.Role is { } other && other != role)
        {
            throw new ArgumentException($"The options ask for role {other}, and this generator embeds in role {role} only: leave the role out, or ask the generator that serves both.", nameof(options));
        }

        own.Role = role;
        return inner.GenerateAsync(values, own, cancellationToken);
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? inner.GetService(serviceType, serviceKey)
            : serviceType == typeof(TextRole) ? role
            : serviceType.IsInstanceOfType(this) ? this
            : inner.GetService(serviceType);
    }

    public void Dispose()
    {
        // The model below serves the other role, too.
    }
}
