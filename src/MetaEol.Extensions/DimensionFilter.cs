using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;

namespace MetaEol.Extensions;

/// <summary>
/// How vectors become those of fewer dimensions, where <c>Dimensions</c> asks for them. Both kinds are linear, need no data and no training, and work on the mean over the templates, before it is scaled to length 1.
/// The default value is the spectral filter with the window in the middle.
/// </summary>
/// <remarks>
/// <para>The spectral filter keeps a vector's coordinates along right singular vectors of the model's output head, or of the token embedding where the two are tied: of d of them k, from the one at
/// (d - k) / 2 on unless told otherwise. It is made for the last layer, after the final norm. The random projection is for models to which it does no good.</para>
/// <para>As text: <c>spectral</c>, <c>spectral:512</c> (the window starts at vector 512), <c>random</c>, <c>random:7</c> (seed 7; 0 if none is given), <c>off</c>.</para>
/// </remarks>
[TypeConverter(typeof(ParsableTypeConverter<DimensionFilter>))]
[JsonConverter(typeof(DimensionFilterJsonConverter))]
public readonly record struct DimensionFilter : IParsable<DimensionFilter>
{
    internal const string Accepted = "write spectral, spectral:512 (where the window starts), random, random:7 (a seed) or off";

    private DimensionFilter(DimensionFilterKind kind, int? start = null, int seed = 0) => (Kind, Start, Seed) = (kind, start, seed);

    /// <summary>The spectral filter with the window in the middle.</summary>
    public static DimensionFilter Spectral => default;

    /// <summary>No filter: only the model's own number of dimensions is served.</summary>
    public static DimensionFilter Off { get; } = new(DimensionFilterKind.Off);

    /// <summary>The kind.</summary>
    public DimensionFilterKind Kind { get; }

    /// <summary>The first singular vector of the spectral filter's window, 0 being that of the largest singular value; null for the window in the middle.</summary>
    public int? Start { get; }

    /// <summary>The seed of the random projection.</summary>
    public int Seed { get; }

    /// <summary>The spectral filter with a window that starts elsewhere than in the middle.</summary>
    /// <param name="start">The first singular vector, 0 being that of the largest singular value.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="start"/> is negative.</exception>
    public static DimensionFilter SpectralFrom(int start)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        return new(DimensionFilterKind.Spectral, start);
    }

    /// <summary>The random projection.</summary>
    /// <param name="seed">The seed.</param>
    public static DimensionFilter Random(int seed = 0) => new(DimensionFilterKind.Random, seed: seed);

    /// <summary>Reads a filter from text.</summary>
    /// <param name="s"><c>spectral</c>, <c>spectral:512</c>, <c>random</c>, <c>random:7</c> or <c>off</c>.</param>
    /// <param name="provider">Not used: the format does not depend on a culture.</param>
    /// <exception cref="FormatException">The text is none of these.</exception>
    public static DimensionFilter Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return TryParse(s, provider, out DimensionFilter result) ? result : throw new FormatException($"{Excerpt.Of(s)} is not a filter: {Accepted}.");
    }

    /// <summary>Reads a filter from text.</summary>
    /// <param name="s"><c>spectral</c>, <c>spectral:512</c>, <c>random</c>, <c>random:7</c> or <c>off</c>.</param>
    /// <param name="provider">Not used: the format does not depend on a culture.</param>
    /// <param name="result">The filter, or the spectral filter if the text is none of these.</param>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out DimensionFilter result)
    {
        result = default;
        string[] parts = (s ?? "").Trim().ToLowerInvariant().Split(':', 2);
        int? number = null;
        if (parts.Length == 2)
        {
            NumberStyles style = parts[0] == "spectral" ? NumberStyles.None : NumberStyles.AllowLeadingSign;
            if (!int.TryParse(parts[1], style, CultureInfo.InvariantCulture, out int parsed))
            {
                return false;
            }

            number = parsed;
        }

        DimensionFilter? filter = (parts[0], number) switch
        {
            ("spectral", _) => new DimensionFilter(DimensionFilterKind.Spectral, number),
            ("random", _) => Random(number ?? 0),
            ("off", null) => Off,
            _ => null,
        };
        result = filter ?? default;
        return filter is not null;
    }

    /// <summary>The filter as text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => (Kind, Start) switch
    {
        (DimensionFilterKind.Spectral, int start) => string.Create(CultureInfo.InvariantCulture, $"spectral:{start}"),
        (DimensionFilterKind.Spectral, null) => "spectral",
        (DimensionFilterKind.Random, _) => Seed == 0 ? "random" : string.Create(CultureInfo.InvariantCulture, $"random:{Seed}"),
        _ => "off",
    };
}
