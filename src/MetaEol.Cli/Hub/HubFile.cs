namespace MetaEol.Cli.Hub;

/// <summary>A file of a model, as the hub describes it.</summary>
/// <param name="Name">Its name, a plain file name.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Digest">The entity tag: the SHA-256 of a large file, the git blob hash of a small one, on other servers any text.</param>
internal sealed record HubFile(string Name, long Size, string Digest)
{
    public bool IsSha256 => Digest.Length == 64 && Digest.All(char.IsAsciiHexDigitLower);

    public bool IsGitHash => Digest.Length == 40 && Digest.All(char.IsAsciiHexDigitLower);

    /// <summary>The name of its blob in the cache.</summary>
    public string BlobName => IsSafe(Digest) ? Digest : Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Digest)));

    private static bool IsSafe(string name) => name.Length is > 0 and <= 128 && name[0] != '.' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
