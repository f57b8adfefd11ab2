using MetaEol.Extensions.Prompting;

namespace MetaEol.Extensions;

/// <summary>Options of <see cref="MetaEolEmbeddingGenerator.GenerateSparseAsync"/>.</summary>
public sealed record SparseEmbeddingOptions
{
    /// <summary>The template set; null (the default) takes the generator's.</summary>
    public TemplateSet? TemplateSet { get; init; }

    /// <summary>What the texts are, where the template set tells questions from documents. Null (the default): documents.</summary>
    public TextRole? Role { get; init; }

    /// <summary>The layer whose states the words are read from, for every template, whatever layer it has of its own. Default: the last, whose next words are the model's; a layer before it is passed through the final norm first ("logit lens").</summary>
    public LayerSelector Layer { get; init; } = LayerSelector.Last;

    /// <summary>Which tokens count. Default: those of the text's own words.</summary>
    public SparseTerms Terms { get; init; } = SparseTerms.TextWords;

    /// <summary>Most terms of a vector, at least 1: the heaviest are kept. Default: 128.</summary>
    public int MaxTerms { get; init; } = 128;
}
