using System.Globalization;
using MetaEol.Cli.Models;
using MetaEol.Extensions;
using MetaEol.Llama.Encoders;
using MetaEol.Retrieval;

namespace MetaEol.Cli.Searching;

/// <summary>What an index remembers of the model that made it, so that the next search takes the same without being told.</summary>
/// <param name="Model">The model's folder, or <c>demo</c>.</param>
/// <param name="Templates">The template set: a name, or the full path of a JSON file.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Precision">The precision that was asked for, or null.</param>
/// <param name="Dimensions">Dimensions of its vectors; null for the model's own.</param>
/// <param name="Filter">How they came from the model's own; null for the default.</param>
internal sealed record IndexedModel(string? Model, string? Templates, string? Layer, Precision? Precision, int? Dimensions = null, string? Filter = null)
{
    private const string ModelName = "model", TemplatesName = "templates", LayerName = "layer", PrecisionName = "precision", DimensionsName = "dimensions", FilterName = "filter";

    /// <summary>What an index says; null where there is none, or it was made by another program.</summary>
    public static IndexedModel? Of(IndexInfo? info) => info?.Properties.TryGetValue(ModelName, out string? model) is true
        ? new IndexedModel(
            model,
            info.Properties.GetValueOrDefault(TemplatesName),
            info.Properties.GetValueOrDefault(LayerName),
            PrecisionWords.Parse(info.Properties.GetValueOrDefault(PrecisionName)),
            DimensionsOf(info),
            FilterOf(info))
        : null;

    private static int? DimensionsOf(IndexInfo info) =>
        int.TryParse(info.Properties.GetValueOrDefault(DimensionsName), NumberStyles.None, CultureInfo.InvariantCulture, out int dimensions) && dimensions > 0 ? dimensions : null;

    private static string? FilterOf(IndexInfo info) => DimensionFilter.TryParse(info.Properties.GetValueOrDefault(FilterName), null, out DimensionFilter filter) ? filter.ToString() : null;

    /// <summary>Notes it in the options of an index.</summary>
    public void Note(SearchIndexOptions options)
    {
        foreach ((string name, string? value) in new[] { (ModelName, Model), (TemplatesName, Templates), (LayerName, Layer), (PrecisionName, Precision is { } precision ? PrecisionWords.Of(precision) : null), (DimensionsName, Dimensions?.ToString(CultureInfo.InvariantCulture)), (FilterName, Filter) })
        {
            if (value is not null)
            {
                options.Properties[name] = value;
            }
        }
    }

    /// <summary>Checks that what an index file says may be followed: the file may have come with the folder.</summary>
    /// <exception cref="ToolException">The model is not there, or on another machine.</exception>
    public void ThrowIfUnusable(string index)
    {
        bool isOnThisMachine = Model == ModelLocator.DemoName || (Path.IsPathFullyQualified(Model!) && !Model!.StartsWith(@"\\", StringComparison.Ordinal) && !Model.StartsWith("//", StringComparison.Ordinal));
        if (!isOnThisMachine || (Model != ModelLocator.DemoName && !Directory.Exists(Model)))
        {
            throw new ToolException($"The index '{index}' was made with the model '{Model}', which is not on this machine: name the same model with --model, or another one and --rebuild.");
        }
    }

    /// <summary>What differs, for a message.</summary>
    public string DifferenceFrom(IndexedModel other)
    {
        List<string> differences = [];
        void Compare(string what, string? mine, string? others)
        {
            if (mine != others)
            {
                differences.Add($"{what} {mine ?? "default"} instead of {others ?? "default"}");
            }
        }

        Compare("model", Model, other.Model);
        Compare("templates", Templates, other.Templates);
        Compare("layer", Layer, other.Layer);
        Compare("dimensions", Dimensions?.ToString(CultureInfo.InvariantCulture), other.Dimensions?.ToString(CultureInfo.InvariantCulture));
        Compare("filter", Filter, other.Filter);
        Compare("precision", Precision is { } mine ? PrecisionWords.Of(mine) : null, other.Precision is { } others ? PrecisionWords.Of(others) : null);
        return differences.Count > 0 ? string.Join(", ", differences) : "the model's files or the template set have changed since";
    }
}
