using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MetaEol.Extensions.Filtering;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;

namespace MetaEol.Extensions;

/// <summary>What a vector depends on besides its text.</summary>
internal static class Fingerprint
{
    /// <summary>Everything that a generator with these parts and options puts into a vector of a text in a role.</summary>
    public static IEnumerable<string> ValuesOf(IPromptEncoder encoder, ITokenizer tokenizer, MetaEolOptions options, TextRole role = TextRole.Document) =>
    [
        encoder.Fingerprint,
        tokenizer.Fingerprint,
        options.TemplateSet.Fingerprint,
        $"layer={Layers(options.TemplateSet.ForRole(role), options.Layer, encoder.Metadata.LayerCount)}",
        $"clean={options.CleanText}",
        $"special={options.SpecialTokens}",
        $"max={options.MaxTextTokens},{options.TextOverflow}",
        $"normalize={options.Normalize}",

        // Nothing is added where nothing is filtered, so that vectors of the model's own size are found as ever.
        .. DimensionWindow.Resolve(options.Dimensions, options.Filter, encoder.Metadata.Dimensions, "the model") is { } window ? [window.ToString()] : Array.Empty<string>(),
        .. options.TokenPrepending ? [Prepending(options.TokenPrependingEnd, encoder.Metadata.LayerCount)] : Array.Empty<string>(),
        .. options.TemplateSet.HasRoles ? [$"role={role}"] : Array.Empty<string>(),
    ];

    /// <summary>A short stable hash of a list of values: 32 hexadecimal digits, the same on every machine.</summary>
    public static string Of(IEnumerable<object> values)
    {
        string joined = string.Join('\0', values.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture)));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(joined)).AsSpan(0, 16));
    }

    private static string Prepending(LayerSelector end, int layerCount)
    {
        TokenPrepending layers = PrependingLayers.Resolve(end, layerCount);
        return $"prepend={layers.FirstLayer},{layers.EndLayer}";
    }

    // One where all templates have the same, in the templates' order where they have their own.
    private static string Layers(TemplateSet set, LayerSelector ofOthers, int layerCount)
    {
        int[] layers = set.ResolveLayers(ofOthers, layerCount);
        return string.Join(',', layers.Distinct().Count() == 1 ? layers[..1] : layers);
    }
}
