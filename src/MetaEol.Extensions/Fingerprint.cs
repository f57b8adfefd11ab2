using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MetaEol.Extensions;

/// <summary>A short stable hash of a list of values.</summary>
internal static class Fingerprint
{
    /// <summary>32 hexadecimal digits, the same on every machine.</summary>
    public static string Of(IEnumerable<object> values)
    {
        string joined = string.Join('\0', values.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture)));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(joined)).AsSpan(0, 16));
    }
}
