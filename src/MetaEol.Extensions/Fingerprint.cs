using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MetaEol.Llama;

namespace MetaEol.Extensions;

/// <summary>What a vector depends on besides its text.</summary>
internal static class Fingerprint
{
    /// <summary>Everything that a generator with these parts and options puts into a vector.</summary>
    public static IEnumerable<string> ValuesOf(IPromptEncoder encoder, ITokenizer tokenizer, MetaEolOptions options) =>
    [
        encoder.Fingerprint,
        tokenizer.Fingerprint,
        options.TemplateSet.Fingerprint,
        $"layer={options.Layer.Resolve(encoder.Metadata.LayerCount)}",
        $"clean={options.CleanText}",
        $"special={options.SpecialTokens}",
        $"max={options.MaxTextTokens},{options.TextOverflow}",
        $"normalize={options.Normalize}",
    ];

    /// <summary>A short stable hash of a list of values: 32 hexadecimal digits, the same on every machine.</summary>
    public static string Of(IEnumerable<object> values)
    {
        string joined = string.Join('\0', values.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture)));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(joined)).AsSpan(0, 16));
    }
}
