using System.Globalization;
using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;

namespace MetaEol.Evaluation.Tuning;

/// <summary>One way to make vectors with a model.</summary>
/// <param name="Templates">The template set.</param>
/// <param name="Layer">The layer, an index into <c>hidden_states</c>; null where every template has its own.</param>
/// <param name="TokenPrepending">Whether prompts are run with token prepending.</param>
/// <param name="Dimensions">Dimensions of the vectors.</param>
/// <param name="Filter">How they come from the model's own; not read where they are the model's own.</param>
public sealed record TuneCandidate(TemplateSet Templates, int? Layer, bool TokenPrepending, int Dimensions, DimensionFilter Filter)
{
    /// <summary>What a request asks for to get these vectors.</summary>
    /// <param name="role">What the texts are.</param>
    public MetaEolEmbeddingGenerationOptions ToOptions(TextRole role = TextRole.Document) => new()
    {
        TemplateSet = Templates,
        Layer = Layer is int layer ? LayerSelector.FromIndex(layer) : null,
        TokenPrepending = TokenPrepending,
        Dimensions = Dimensions,
        Filter = Filter,
        Role = role,
    };

    /// <summary>In words, such as <c>metaeol, layer 12, 512 by random</c>.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Templates.Name}, {(Layer is int layer ? $"layer {layer}" : "own layers")}{(TokenPrepending ? ", prepending" : "")}, {Dimensions}{(Filter == DimensionFilter.Off ? "" : $" by {Filter}")}");
}
