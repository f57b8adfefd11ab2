using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MetaEol.Cli.Hub;

/// <summary>Checks a downloaded file against the hash that the hub gave for it.</summary>
internal static class ContentDigest
{
    /// <summary>What is wrong with the content, or null if nothing is, or if the hub gave no hash to check.</summary>
    public static async Task<string?> CheckAsync(Stream content, HubFile file, CancellationToken cancellationToken)
    {
        if (content.Length != file.Size)
        {
            return $"it has {content.Length} bytes instead of {file.Size}";
        }

        if (!file.IsSha256 && !file.IsGitHash)
        {
            return null;
        }

        // A git blob's hash is over "blob", its length, a zero byte, and the content.
        using IncrementalHash hash = IncrementalHash.CreateHash(file.IsSha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        if (file.IsGitHash)
        {
            hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {file.Size}\0")));
        }

        content.Position = 0;
        byte[] buffer = new byte[1 << 20];
        for (int read; (read = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
        }

        string actual = Convert.ToHexStringLower(hash.GetHashAndReset());
        return actual == file.Digest ? null : $"its {(file.IsSha256 ? "SHA-256" : "git hash")} is {actual} instead of {file.Digest}";
    }
}
