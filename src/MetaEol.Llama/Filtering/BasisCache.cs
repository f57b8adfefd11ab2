using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Filtering;

/// <summary>A folder that keeps each model's <see cref="SpectralBasis"/>, so that it is computed once: <c>filters/spectral-&lt;fingerprint&gt;.safetensors</c>. Several processes may use it at once.</summary>
public sealed class BasisCache
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string EnvironmentVariable = "METAEOL_CACHE";

    /// <summary>Opens a cache; nothing is read yet.</summary>
    /// <param name="folder">The folder; it need not exist.</param>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is null or empty.</exception>
    public BasisCache(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Folder = Path.GetFullPath(folder);
    }

    /// <summary>Full path of the folder.</summary>
    public string Folder { get; }

    /// <summary>The cache that the environment names: <c>METAEOL_CACHE</c>, or <c>metaeol</c> in <c>XDG_CACHE_HOME</c> or <c>~/.cache</c> (on Windows, in the local application data).</summary>
    /// <param name="variable">Reads an environment variable; null reads the process's.</param>
    public static BasisCache FromEnvironment(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        if (variable(EnvironmentVariable) is { Length: > 0 } folder)
        {
            return new BasisCache(folder);
        }

        string home = variable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache
            : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return new BasisCache(Path.Combine(home, "metaeol"));
    }

    /// <summary>Where a model's basis is kept.</summary>
    /// <param name="weights">The model's weights.</param>
    /// <exception cref="ObjectDisposedException">The weights are disposed.</exception>
    public string PathOf(LlamaWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return Path.Combine(Folder, "filters", $"spectral-{weights.Fingerprint}.safetensors");
    }

    /// <summary>Reads a model's basis.</summary>
    /// <param name="weights">The model's weights.</param>
    /// <returns>The basis; null if it is not there, or what is there is damaged or another model's.</returns>
    /// <exception cref="ObjectDisposedException">The weights are disposed.</exception>
    public SpectralBasis? Find(LlamaWeights weights)
    {
        SpectralBasis? found = BasisFile.TryRead(PathOf(weights), weights.Fingerprint);
        return found is not null && weights.OutputHead is { } head && found.InputDimensions == head.Columns && found.SingularValues.Count == Math.Min(head.Rows, head.Columns) ? found : null;
    }

    /// <summary>Keeps a model's basis, in the place of what may be there. The file appears whole or not at all.</summary>
    /// <param name="weights">The model's weights.</param>
    /// <param name="basis">Their basis.</param>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    /// <exception cref="ObjectDisposedException">The weights are disposed.</exception>
    public void Keep(LlamaWeights weights, SpectralBasis basis)
    {
        ArgumentNullException.ThrowIfNull(basis);
        BasisFile.Write(PathOf(weights), weights.Fingerprint, basis);
    }
}
