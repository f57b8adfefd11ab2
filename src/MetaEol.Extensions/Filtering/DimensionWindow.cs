namespace MetaEol.Extensions.Filtering;

/// <summary>A filter of a request, checked against the model: what of the filter's rows is kept.</summary>
/// <param name="Kind">Spectral or random.</param>
/// <param name="Dimensions">Number of rows: the dimensions of filtered vectors.</param>
/// <param name="Start">The spectral filter's first row; 0 for the random one.</param>
/// <param name="Seed">The random filter's seed; 0 for the spectral one.</param>
internal readonly record struct DimensionWindow(DimensionFilterKind Kind, int Dimensions, int Start, int Seed)
{
    /// <summary>What options ask for.</summary>
    /// <param name="dimensions">The wanted dimensions; null for the model's own.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="own">The model's own dimensions.</param>
    /// <param name="model">The model, for the message.</param>
    /// <returns>The window; null where vectors are not filtered.</returns>
    /// <exception cref="ArgumentException">The model cannot serve them; the message says what it can.</exception>
    public static DimensionWindow? Resolve(int? dimensions, DimensionFilter filter, int own, string model)
    {
        if (dimensions is not int wanted || wanted == own)
        {
            return null;
        }

        if (wanted < 1 || wanted > own || filter.Kind == DimensionFilterKind.Off)
        {
            throw new ArgumentException(filter.Kind == DimensionFilterKind.Off
                ? $"Dimensions is {wanted}, but '{model}' gives vectors of {own} dimensions and Filter is off: write {own}, leave it out, or let Filter be spectral."
                : $"Dimensions is {wanted}, but '{model}' gives vectors of {own} dimensions: write 1 to {own}, or leave it out.");
        }

        if (filter.Kind == DimensionFilterKind.Random)
        {
            return new DimensionWindow(filter.Kind, wanted, 0, filter.Seed);
        }

        int start = filter.Start ?? ((own - wanted) / 2);
        return start <= own - wanted
            ? new DimensionWindow(filter.Kind, wanted, start, 0)
            : throw new ArgumentException(
                $"Filter is {filter} and Dimensions {wanted}, but the spectrum of '{model}' has {own} vectors: write spectral:{own - wanted} at most, or spectral for the middle.");
    }

    /// <summary>As a part of fingerprints and cache keys.</summary>
    public override string ToString() => $"dimensions={Dimensions},{(Kind == DimensionFilterKind.Spectral ? DimensionFilter.SpectralFrom(Start) : DimensionFilter.Random(Seed))}";
}
