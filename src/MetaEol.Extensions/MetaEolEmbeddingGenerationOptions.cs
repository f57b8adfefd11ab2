using MetaEol.Extensions.Prompting;
using Microsoft.Extensions.AI;

namespace MetaEol.Extensions;

/// <summary>Options of one request: another template set or layer than the generator's own. The model stays loaded once for all of them.</summary>
public class MetaEolEmbeddingGenerationOptions : EmbeddingGenerationOptions
{
    /// <summary>Creates options that change nothing.</summary>
    public MetaEolEmbeddingGenerationOptions()
    {
    }

    /// <summary>Creates a copy of other options.</summary>
    /// <param name="other">The options to copy; null copies nothing.</param>
    protected MetaEolEmbeddingGenerationOptions(MetaEolEmbeddingGenerationOptions? other)
        : base(other)
    {
        TemplateSet = other?.TemplateSet;
        Layer = other?.Layer;
    }

    /// <summary>The template set of this request; null takes the generator's.</summary>
    public TemplateSet? TemplateSet { get; set; }

    /// <summary>The layer of this request; null takes the generator's.</summary>
    public LayerSelector? Layer { get; set; }

    /// <inheritdoc/>
    public override EmbeddingGenerationOptions Clone() => new MetaEolEmbeddingGenerationOptions(this);
}
