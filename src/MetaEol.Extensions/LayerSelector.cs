using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;

namespace MetaEol.Extensions;

/// <summary>
/// The layer whose hidden states become the embedding: an index into Hugging Face's <c>hidden_states</c>, or a depth relative to the number of layers.
/// The default value is the last entry, after the final norm.
/// </summary>
/// <remarks>
/// <c>hidden_states</c> of a model with n decoder layers has n + 1 entries: 0 = token embeddings, i = output of layer i before the final norm, n = output of
/// the last layer after the final norm. Negative indices count from the end. As text: <c>-1</c>, <c>24</c>, <c>75%</c>, <c>0.75</c> or <c>last</c>.
/// </remarks>
[TypeConverter(typeof(ParsableTypeConverter<LayerSelector>))]
[JsonConverter(typeof(LayerSelectorJsonConverter))]
public readonly struct LayerSelector : IEquatable<LayerSelector>, IParsable<LayerSelector>
{
    private const string Accepted =
        "write an index into hidden_states such as '24' or '-1' (negative counts from the end), a relative depth such as '75%' or '0.75', or 'last'";

    // Stored with an offset of one, so that default(LayerSelector) is index -1, the last entry.
    private readonly int _indexPlusOne;
    private readonly double? _depth;

    private LayerSelector(int index) => _indexPlusOne = index + 1;

    private LayerSelector(double depth) => _depth = depth;

    /// <summary>The last entry of <c>hidden_states</c>, after the final norm: what the MetaEOL reference takes.</summary>
    public static LayerSelector Last => default;

    /// <summary>The index into <c>hidden_states</c>, or null if this is a relative depth.</summary>
    public int? Index => _depth is null ? _indexPlusOne - 1 : null;

    /// <summary>The relative depth, 0 to 1, or null if this is an index.</summary>
    public double? Depth => _depth;

    /// <summary>Selects an index into <c>hidden_states</c>.</summary>
    /// <param name="index">0 = token embeddings, n = output of layer n; negative counts from the end.</param>
    public static LayerSelector FromIndex(int index) =>
        index < int.MaxValue ? new(index) : throw new ArgumentOutOfRangeException(nameof(index), index, "No model has that many layers.");

    /// <summary>Selects a depth relative to the number of layers, rounded to the nearest layer: 0.75 of 32 layers is index 24.</summary>
    /// <param name="depth">0 (token embeddings) to 1 (last layer, after the final norm).</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="depth"/> is not in 0 .. 1.</exception>
    public static LayerSelector FromDepth(double depth) =>
        depth is >= 0 and <= 1 ? new(depth) : throw new ArgumentOutOfRangeException(nameof(depth), depth, "A relative depth is between 0 and 1.");

    /// <summary>Selects an index into <c>hidden_states</c>.</summary>
    /// <param name="index">The index; negative counts from the end.</param>
    public static implicit operator LayerSelector(int index) => FromIndex(index);

    /// <summary>Whether two selectors are the same index or the same depth.</summary>
    /// <param name="left">One selector.</param>
    /// <param name="right">The other selector.</param>
    public static bool operator ==(LayerSelector left, LayerSelector right) => left.Equals(right);

    /// <summary>Whether two selectors differ.</summary>
    /// <param name="left">One selector.</param>
    /// <param name="right">The other selector.</param>
    public static bool operator !=(LayerSelector left, LayerSelector right) => !left.Equals(right);

    /// <summary>Reads a selector from text.</summary>
    /// <param name="s"><c>-1</c>, <c>24</c>, <c>75%</c>, <c>0.75</c> or <c>last</c>; numbers in the invariant culture.</param>
    /// <param name="provider">Not used: the format does not depend on a culture.</param>
    /// <exception cref="FormatException">The text is none of these.</exception>
    public static LayerSelector Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return TryParse(s, provider, out LayerSelector result) ? result : throw new FormatException($"{Excerpt.Of(s)} is not a layer: {Accepted}.");
    }

    /// <summary>Reads a selector from text.</summary>
    /// <param name="s"><c>-1</c>, <c>24</c>, <c>75%</c>, <c>0.75</c> or <c>last</c>; numbers in the invariant culture.</param>
    /// <param name="provider">Not used: the format does not depend on a culture.</param>
    /// <param name="result">The selector, or the last entry if the text is none of these.</param>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out LayerSelector result)
    {
        result = default;
        ReadOnlySpan<char> text = s.AsSpan().Trim();
        if (text.Equals("last", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int index) && index < int.MaxValue)
        {
            result = new LayerSelector(index);
            return true;
        }

        bool percent = text.EndsWith("%", StringComparison.Ordinal);
        if (double.TryParse(percent ? text[..^1] : text, NumberStyles.Float, CultureInfo.InvariantCulture, out double depth)
            && (percent ? depth / 100 : depth) is >= 0 and <= 1 and double fraction)
        {
            result = new LayerSelector(fraction);
            return true;
        }

        return false;
    }

    /// <summary>The index into <c>hidden_states</c> of a model, 0 .. <paramref name="layerCount"/>.</summary>
    /// <param name="layerCount">Number of decoder layers of the model (<c>num_hidden_layers</c>).</param>
    /// <exception cref="ArgumentException">The model has no such entry.</exception>
    public int Resolve(int layerCount)
    {
        if (_depth is double depth)
        {
            return (int)Math.Round(depth * layerCount, MidpointRounding.AwayFromZero);
        }

        int index = _indexPlusOne - 1;
        int resolved = index < 0 ? index + layerCount + 1 : index;
        return resolved >= 0 && resolved <= layerCount
            ? resolved
            : throw new ArgumentException(
                $"Layer {index} is not in this model: its hidden_states has {layerCount + 1} entries, so an index is in {-layerCount - 1} .. {layerCount}; or use a relative depth such as '75%'.");
    }

    /// <inheritdoc/>
    public bool Equals(LayerSelector other) => _indexPlusOne == other._indexPlusOne && _depth.Equals(other._depth);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is LayerSelector other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_indexPlusOne, _depth);

    /// <summary>The selector as text that <see cref="Parse"/> reads: the index, or the depth with a decimal point.</summary>
    public override string ToString() => _depth is double depth
        ? depth.ToString(depth is 0 or 1 ? "0.0" : "R", CultureInfo.InvariantCulture)
        : (_indexPlusOne - 1).ToString(CultureInfo.InvariantCulture);
}
