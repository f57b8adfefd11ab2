using MetaEol.Llama.Hub;

namespace MetaEol.Cli.Hub;

/// <summary>Where the hub and the cache are, from the environment variables that Python's <c>huggingface_hub</c> reads.</summary>
/// <param name="Endpoint">The hub (<c>HF_ENDPOINT</c>), without a slash at the end.</param>
/// <param name="Token">The access token (<c>HF_TOKEN</c>, or the file that <c>hf auth login</c> writes), or null.</param>
/// <param name="CacheFolder">The folder that holds the models' folders (<c>HF_HUB_CACHE</c>, or <c>hub</c> in <c>HF_HOME</c>).</param>
/// <param name="Offline">Whether the network must not be used (<c>HF_HUB_OFFLINE</c>).</param>
internal sealed record HubSettings(Uri Endpoint, string? Token, string CacheFolder, bool Offline)
{
    private const string DefaultEndpoint = "https://huggingface.co";

    public static HubSettings FromEnvironment() => From(Environment.GetEnvironmentVariable);

    /// <exception cref="HubException"><c>HF_ENDPOINT</c> is not an address.</exception>
    public static HubSettings From(Func<string, string?> variable)
    {
        string? Value(string name) => variable(name) is { Length: > 0 } value ? value : null;
        string endpoint = (Value("HF_ENDPOINT") ?? DefaultEndpoint).TrimEnd('/');
        if (!Uri.TryCreate(endpoint + "/", UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("https" or "http"))
        {
            throw new HubException($"HF_ENDPOINT is '{endpoint}', which is not an http or https address such as {DefaultEndpoint}.");
        }

        bool offline = Value("HF_HUB_OFFLINE")?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";
        return new HubSettings(uri, Value("HF_TOKEN") ?? Value("HUGGING_FACE_HUB_TOKEN") ?? ReadToken(Expand(Value("HF_TOKEN_PATH")) ?? Path.Combine(HubCache.HomeFolder(variable), "token")), HubCache.FromEnvironment(variable).Folder, offline);
    }

    private static string? Expand(string? path) => path is null ? null
        : path == "~" || path.StartsWith("~/", StringComparison.Ordinal) ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..]
        : path;

    private static string? ReadToken(string path)
    {
        try
        {
            return File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } token ? token : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A file that cannot be read is no reason not to download what needs no token.
            return null;
        }
    }
}
