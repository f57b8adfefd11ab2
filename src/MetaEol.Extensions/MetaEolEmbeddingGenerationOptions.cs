using MetaEol.Extensions.Prompting;
using Microsoft.Extensions.AI;

namespace MetaEol.Extensions;

/// <summary>Options of one request: another template set or layer than the generator's own, or the role of its texts. The model stays loaded once for all of them.</summary>
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
        Filter = other?.Filter;
        Role = other?.Role;
        TokenPrepending = other?.TokenPrepending;
        TokenPrependingEnd = other?.TokenPrependingEnd;
    }

    /// <summary>Takes over options that know nothing of templates.</summary>
    internal MetaEolEmbeddingGenerationOptions(EmbeddingGenerationOptions? other)
        : base(other)
    {
    }

    /// <summary>The template set of this request; null takes the generator's.</summary>
    public TemplateSet? TemplateSet { get; set; }

    /// <summary>The layer of this request, for templates without a layer of their own; null takes the generator's. Where every template has its own, it must be null.</summary>
    public LayerSelector? Layer { get; set; }

    /// <summary>How this request's vectors become those of <see cref="EmbeddingGenerationOptions.Dimensions"/>; null takes the generator's filter.</summary>
    public DimensionFilter? Filter { get; set; }

    /// <summary>What the texts of this request are, where the template set tells questions from documents. Null (the default): documents.</summary>
    public TextRole? Role { get; set; }

    /// <summary>Whether this request's prompts are run with token prepending; null takes the generator's <see cref="MetaEolOptions.TokenPrepending"/>.</summary>
    public bool? TokenPrepending { get; set; }

    /// <summary>Where token prepending ends; null takes the generator's <see cref="MetaEolOptions.TokenPrependingEnd"/>. Read where it is on.</summary>
    public LayerSelector? TokenPrependingEnd { get; set; }

    /// <inheritdoc/>
    public override EmbeddingGenerationOptions Clone() => new MetaEolEmbeddingGenerationOptions(this);
}
