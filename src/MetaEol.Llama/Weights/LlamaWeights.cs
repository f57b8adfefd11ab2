using MetaEol.Llama.Configuration;
using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Weights;

/// <summary>A model's weights: memory-mapped safetensors files, checked against the configuration.</summary>
/// <remarks>
/// Names, shapes and number types of all tensors are checked when the weights are loaded, and so are the values of norms and biases; the matrices stay
/// untouched on disk until they are used. The files must not be made shorter while they are open (see <see cref="SafetensorsFile"/>).
/// </remarks>
public sealed class LlamaWeights : IDisposable
{
    private readonly WeightFiles _files;
    private readonly Lazy<string> _fingerprint;
    private readonly IReadOnlyList<(WeightMatrix Matrix, TensorInfo Tensor, SafetensorsFile File)> _matrices;

    // The owner's share and one for each lease; the files are unmapped when it falls to zero.
    private int _shares = 1;
    private int _disposed;

    private LlamaWeights(WeightFiles files, LlamaConfig config)
    {
        _files = files;
        var binder = new TensorBinder(files);
        (TokenEmbedding, OutputHead) = binder.EmbeddingAndHead(config);
        var layers = new LayerWeights[config.LayerCount];
        for (int i = 0; i < layers.Length; i++)
        {
            layers[i] = binder.Layer(i, config);
        }

        Layers = layers;
        _fingerprint = new(
            () =>
            {
                using IDisposable lease = Lease();
                return ModelFingerprint.Compute(config, files.Files);
            },
            LazyThreadSafetyMode.PublicationOnly);
        FinalNorm = binder.Norm("model.norm.weight", config.HiddenSize, config);
        _matrices = binder.Matrices;
        Sources = binder.Sources;
        IsQuantized = _matrices.Any(entry => entry.Matrix.Type == WeightType.Int8);
    }

    /// <summary><c>embed_tokens.weight</c>, <c>[vocabulary × hidden]</c>.</summary>
    public WeightMatrix TokenEmbedding { get; }

    /// <summary>The decoder layers, in order.</summary>
    public IReadOnlyList<LayerWeights> Layers { get; }

    /// <summary><c>norm.weight</c>, <c>[hidden]</c>, with the configuration's <see cref="LlamaConfig.NormOffset"/> added.</summary>
    public float[] FinalNorm { get; }

    /// <summary><c>lm_head.weight</c>, <c>[vocabulary × hidden]</c>; the token embedding where it is tied; null where the files hold none.</summary>
    public WeightMatrix? OutputHead { get; }

    /// <summary>Whether the projections are stored in 8 bits, as <see cref="MetaEol.Llama.Quantization.ModelQuantizer"/> writes them.</summary>
    public bool IsQuantized { get; }

    /// <summary>The mapped files with all their tensors, for listings and for encoders that copy weights elsewhere; they belong to this object.</summary>
    public IReadOnlyList<SafetensorsFile> Files => _files.Files;

    /// <summary>The tensors that the configuration calls for, in a fixed order, with those of fused projections taken apart.</summary>
    internal IReadOnlyList<TensorSource> Sources { get; }

    /// <summary>
    /// 32 hexadecimal digits that differ wherever configuration or weights do, the same on every machine and in every folder. It is computed from samples of the files when it
    /// is first asked for, and then kept.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The weights were disposed before it was asked for.</exception>
    public string Fingerprint => _fingerprint.Value;

    /// <summary>Opens and checks the weights of a model folder.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="config">The configuration that names and shapes are checked against.</param>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is null or empty.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="config"/> is null.</exception>
    /// <exception cref="InvalidModelException">
    /// A file or tensor is missing, damaged or of the wrong shape or type, or a norm or bias holds a number that is not finite.
    /// </exception>
    public static LlamaWeights Load(string folder, LlamaConfig config)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(config);
        WeightFiles files = WeightFiles.Open(new ModelFolder(folder));
        try
        {
            return new LlamaWeights(files, config);
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>Keeps the files mapped until the lease is disposed, even if the weights are disposed meanwhile. Safe to call from many threads.</summary>
    /// <exception cref="ObjectDisposedException">The weights are disposed.</exception>
    public IDisposable Lease()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        int shares = Volatile.Read(ref _shares);
        while (true)
        {
            ObjectDisposedException.ThrowIf(shares == 0, this);
            int seen = Interlocked.CompareExchange(ref _shares, shares + 1, shares);
            if (seen == shares)
            {
                return new WeightLease(this);
            }

            shares = seen;
        }
    }

    /// <summary>Searches the matrices for a number that is not finite; it reads every weight from disk, so it is for explaining a result, not for every start.</summary>
    /// <returns>The first one, or null if all are finite.</returns>
    /// <exception cref="ObjectDisposedException">The weights are disposed.</exception>
    public NonFiniteWeight? FindNonFinite()
    {
        using IDisposable lease = Lease();
        foreach ((WeightMatrix matrix, TensorInfo tensor, SafetensorsFile file) in _matrices)
        {
            for (int row = 0; row < matrix.Rows; row++)
            {
                int column = WeightScan.IndexOfNonFinite(matrix, row);
                if (column >= 0)
                {
                    return new NonFiniteWeight(tensor.Name, file.Path, row, column, WeightReader.Read(matrix, row, column));
                }
            }
        }

        return null;
    }

    /// <summary>Ends the weights' use: no lease is given any more, and the files are unmapped as soon as the last one has ended.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            ReleaseShare();
        }
    }

    internal void ReleaseShare()
    {
        if (Interlocked.Decrement(ref _shares) == 0)
        {
            _files.Dispose();
        }
    }
}
