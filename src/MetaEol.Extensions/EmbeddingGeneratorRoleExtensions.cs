using MetaEol.Extensions.Prompting;
using Microsoft.Extensions.AI;

namespace MetaEol.Extensions;

/// <summary>Gives generators a fixed role, for code that embeds questions and documents through one interface.</summary>
public static class EmbeddingGeneratorRoleExtensions
{
    /// <summary>A generator that embeds its texts as questions (<see cref="TextRole.Query"/>), over the same model.</summary>
    /// <remarks>
    /// It makes a difference where the template set has roles (<see cref="TemplateSet.HasRoles"/>). Disposing it does not dispose <paramref name="generator"/>. <c>GetService(typeof(TextRole))</c> tells its role; the
    /// middleware of Microsoft.Extensions.AI may stand on either side of it.
    /// </remarks>
    /// <param name="generator">A <see cref="MetaEolEmbeddingGenerator"/>, or middleware around one.</param>
    /// <exception cref="ArgumentNullException"><paramref name="generator"/> is null.</exception>
    public static IEmbeddingGenerator<string, Embedding<float>> AsQueryGenerator(this IEmbeddingGenerator<string, Embedding<float>> generator)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return new RoleGenerator(generator, TextRole.Query);
    }

    /// <summary>A generator that embeds its texts as documents (<see cref="TextRole.Document"/>), over the same model.</summary>
    /// <inheritdoc cref="AsQueryGenerator" path="/remarks|/param|/exception"/>
    public static IEmbeddingGenerator<string, Embedding<float>> AsDocumentGenerator(this IEmbeddingGenerator<string, Embedding<float>> generator)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return new RoleGenerator(generator, TextRole.Document);
    }
}
