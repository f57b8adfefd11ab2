using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;

namespace MetaEol.Evaluation.Tuning;

/// <summary>What is tried: every combination.</summary>
public sealed record TuneGrid
{
    /// <summary>The template sets. One whose templates all have layers of their own is tried with these alone. Default: the built-in sets but <c>retrieval</c>.</summary>
    public IReadOnlyList<TemplateSet> Sets { get; init; } = [TemplateSet.MetaEol, TemplateSet.PromptEol, TemplateSet.Essence, TemplateSet.Duo];

    /// <summary>The layers. Default: the last, the one before, and 88, 75, 62 and 50 % of the depth.</summary>
    public IReadOnlyList<LayerSelector> Layers { get; init; } = [LayerSelector.Last, -2, LayerSelector.FromDepth(0.88), LayerSelector.FromDepth(0.75), LayerSelector.FromDepth(0.62), LayerSelector.FromDepth(0.5)];

    /// <summary>Dimensions of the vectors; null takes the model's own, a half and a quarter of them.</summary>
    public IReadOnlyList<int>? Dimensions { get; init; }

    /// <summary>The filters by which vectors get fewer dimensions. Default: the spectral filter and the random projection.</summary>
    public IReadOnlyList<DimensionFilter> Filters { get; init; } = [DimensionFilter.Spectral, DimensionFilter.Random()];

    /// <summary>Whether token prepending is tried, too: a second pass through the model. Default: true.</summary>
    public bool TokenPrepending { get; init; } = true;

    /// <summary>All combinations for a model.</summary>
    /// <param name="encoder">The model's sizes.</param>
    /// <exception cref="ArgumentException">The grid is empty, or the model has no such layer or dimensions.</exception>
    public IReadOnlyList<TuneCandidate> Candidates(PromptEncoderMetadata encoder)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        int own = encoder.Dimensions;
        int[] sizes = [.. (Dimensions ?? [own, own / 2, own / 4]).Where(size => size > 0).Distinct()];
        if (sizes.FirstOrDefault(size => size > own) is var large and not 0)
        {
            throw new ArgumentException($"{large} dimensions cannot be made of this model's {own}.");
        }

        int[] layers = [.. Layers.Select(layer => layer.Resolve(encoder.LayerCount)).Distinct()];
        TuneCandidate[] candidates =
        [
            .. from set in Sets
               from layer in set.Templates.All(template => template.Layer is not null) ? [null] : layers.Select(layer => (int?)layer)
               from prepending in TokenPrepending ? [false, true] : new[] { false }
               from size in sizes
               from filter in size == own ? [DimensionFilter.Off] : Filters
               select new TuneCandidate(set, layer, prepending, size, filter),
        ];
        return candidates.Length > 0 ? candidates : throw new ArgumentException("The grid is empty: it needs at least one template set, layer and number of dimensions.");
    }
}
